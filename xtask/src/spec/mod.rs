//! Tools for the fragment `spec/peering.json`.

pub(crate) mod compare;
mod differences;
mod facts;
mod published;

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::{build, read};

    /// In this form, a change by a tool has as small a diff as one by hand.
    #[test]
    fn the_fragment_is_sorted_by_key_and_indented_by_2() {
        let text = read(build::FRAGMENT).unwrap();
        let fragment: Value = serde_json::from_str(&text).unwrap();
        assert!(text == format!("{fragment:#}\n"), "{}", build::FRAGMENT);
    }

    /// The description, for people, agrees with `x-roles`, which `spec compare` reads.
    #[test]
    fn the_description_of_an_operation_names_its_roles() {
        let fragment: Value = serde_json::from_str(&read(build::FRAGMENT).unwrap()).unwrap();
        let items = fragment["paths"].as_object().unwrap().values();
        for operation in items.flat_map(|item| item.as_object().unwrap().values()) {
            let description = operation["description"].as_str().unwrap();
            for role in operation["x-roles"].as_object().unwrap().values() {
                let role = format!("the role {}", role.as_str().unwrap());
                assert!(description.contains(&role), "{description}: {role}");
            }
        }
    }
}
