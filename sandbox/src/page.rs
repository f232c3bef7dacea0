//! Lists in pages.

use serde_json::{Value, json};

use crate::reply::{Reply, Violation};

/// The part of a list that a request asks for.
pub(crate) struct Page {
    number: usize,
    size: usize,
    with_count: bool,
}

impl Page {
    pub(crate) fn of(query: &[(String, String)]) -> Result<Self, Reply> {
        let get = |name: &str| {
            query
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| &**value)
        };
        let number = |name: &'static str, absent: usize, greatest: usize| match get(name) {
            None => Ok(absent),
            Some(text) => match text.parse() {
                Ok(value) if (1..=greatest).contains(&value) => Ok(value),
                _ => {
                    let description = format!("{name} is a number from 1 to {greatest}");
                    let violation = Violation {
                        field: name,
                        description,
                    };
                    Err(Reply::bad_request("INVALID_ATTRIBUTE", &[violation]))
                }
            },
        };
        Ok(Self {
            number: number("pageNum", 1, usize::MAX)?,
            size: number("itemsPerPage", 100, 500)?,
            with_count: get("includeCount") != Some("false"),
        })
    }

    /// The page of `items`, each in the form of `show`, with links to itself and to its neighbours;
    /// `url` is the address of the list.
    pub(crate) fn cut<T>(
        &self,
        items: &[T],
        show: impl Fn(&T) -> Value,
        query: &[(String, String)],
        url: &str,
    ) -> Value {
        let total = items.len();
        let start = self.size.saturating_mul(self.number - 1);
        let mut links = vec![self.link("self", self.number, query, url)];
        if self.number > 1 {
            links.push(self.link("previous", self.number - 1, query, url));
        }
        if start.saturating_add(self.size) < total {
            links.push(self.link("next", self.number + 1, query, url));
        }
        let results = items.iter().skip(start).take(self.size);
        let results: Vec<_> = results.map(show).collect();
        let mut page = json!({"links": links, "results": results});
        if self.with_count {
            page["totalCount"] = total.into();
        }
        page
    }

    fn link(&self, rel: &str, number: usize, query: &[(String, String)], url: &str) -> Value {
        let mut parameters = form_urlencoded::Serializer::new(String::new());
        let others = query
            .iter()
            .filter(|(key, _)| key != "pageNum" && key != "itemsPerPage");
        parameters.extend_pairs(others);
        parameters.append_pair("pageNum", &number.to_string());
        parameters.append_pair("itemsPerPage", &self.size.to_string());
        json!({"rel": rel, "href": format!("{url}?{}", parameters.finish())})
    }
}
