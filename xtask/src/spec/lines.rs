//! The line of a JSON document that a pointer leads to.

use std::collections::HashMap;

use super::facts::escape;

/// The lines of all values of a document that is well-formed, counted from 1.
pub(crate) struct Lines(HashMap<String, usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let mut reader = Reader {
            bytes: text.as_bytes(),
            next: 0,
            line: 1,
            lines: HashMap::new(),
        };
        reader.value("");
        Self(reader.lines)
    }

    /// The line of a pointer, or of the nearest place above it that is there.
    pub(crate) fn at(&self, pointer: &str) -> usize {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.0.get(pointer) {
                return *line;
            }
            match pointer.rsplit_once('/') {
                Some((above, _)) => pointer = above,
                None => return 1,
            }
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    next: usize,
    line: usize,
    lines: HashMap<String, usize>,
}

impl Reader<'_> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.next) {
            if !byte.is_ascii_whitespace() {
                return Some(*byte);
            }
            self.line += usize::from(*byte == b'\n');
            self.next += 1;
        }
        None
    }

    fn value(&mut self, at: &str) {
        let first = self.peek();
        self.lines.entry(at.to_owned()).or_insert(self.line);
        match first {
            Some(b'{') => self.members(b'}', |reader, _| {
                let line = reader.line;
                let key = reader.string();
                let at = format!("{at}/{}", escape(&key));
                // The line of its key is what a person looks for.
                reader.lines.insert(at.clone(), line);
                // The colon.
                reader.peek();
                reader.next += 1;
                reader.value(&at);
            }),
            Some(b'[') => {
                self.members(b']', |reader, index| reader.value(&format!("{at}/{index}")));
            }
            Some(b'"') => {
                self.string();
            }
            _ => self.word(),
        }
    }

    /// The members of an object or the items of an array, up to its end.
    fn members(&mut self, end: u8, mut member: impl FnMut(&mut Self, usize)) {
        self.next += 1;
        for index in 0.. {
            match self.peek() {
                None => return,
                Some(byte) if byte == end => break,
                Some(_) => member(self, index),
            }
            if self.peek() == Some(b',') {
                self.next += 1;
                self.peek();
            }
        }
        self.next += 1;
    }

    fn string(&mut self) -> String {
        let start = self.next;
        self.next += 1;
        while let Some(byte) = self.bytes.get(self.next) {
            match byte {
                b'\\' => self.next += 1,
                b'"' => break,
                _ => {}
            }
            self.next += 1;
        }
        self.next += 1;
        let end = self.next.min(self.bytes.len());
        serde_json::from_slice(&self.bytes[start..end]).unwrap_or_default()
    }

    /// A number, true, false or null.
    fn word(&mut self) {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b",]}".contains(byte);
        while self.bytes.get(self.next).is_some_and(|byte| !ends(byte)) {
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn each_value_has_its_line() {
        let text = "{\n  \"a\": [\n    1,\n    {\"b/c\": \"x \\\" y\",\n     \"d\": null}\n  ],\n  \"e\": {}\n}\n";
        let lines = Lines::of(text);
        for (pointer, line) in [
            ("", 1),
            ("/a", 2),
            ("/a/0", 3),
            ("/a/1", 4),
            ("/a/1/b~1c", 4),
            ("/a/1/d", 5),
            ("/e", 7),
            ("/e/new", 7),
            ("/a/-", 2),
        ] {
            assert_eq!(lines.at(pointer), line, "{pointer}");
        }
    }
}
