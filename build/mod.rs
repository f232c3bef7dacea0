//! The fragment's one way into Rust:
//! fragment → adaptations → open types → progenitor → syn → prettyplease.
//!
//! `build.rs` compiles this folder to build the crate; `xtask` compiles it to run its tests.

mod adapt;
pub(crate) mod document;
pub(crate) mod fragment;
mod open_types;
mod polish;

use std::fmt;
use std::panic::{self, AssertUnwindSafe};

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::quote;

use fragment::Fragment;
use open_types::OpenTypes;

/// The only input, seen from the root of the package.
pub(crate) const FRAGMENT: &str = "spec/peering.json";

/// Ids have a handwritten type each: checked on parse, and impossible to mix up.
const IDS: [&str; 3] = ["ProjectId", "PeeringId", "ContainerId"];

/// What is wrong with the fragment, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    place: String,
    reason: String,
}

impl Fault {
    fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FRAGMENT}: {}: {}", self.place, self.reason)
    }
}

/// Generates the client from the text of the fragment. With `with_schemars` the types of requests
/// and answers derive `schemars::JsonSchema`.
pub(crate) fn generate(text: &str, with_schemars: bool) -> Result<String, Fault> {
    let fragment = Fragment::read(text)?;
    let adapted = adapt::adapt(&fragment);
    let document = fragment::parse(&adapted)?;
    let open = OpenTypes::find(&document, &fragment)?;

    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::client::Inner))
        .with_derive("PartialEq");
    if with_schemars {
        settings.with_derive("::schemars::JsonSchema");
    }
    for id in IDS {
        settings.with_replacement(id, format!("crate::{id}"), std::iter::empty());
    }
    for name in open.names() {
        settings.with_replacement(name, format!("crate::types::{name}"), std::iter::empty());
    }
    let tokens = run_generator(&settings, &document)?;
    let mut file: syn::File = syn::parse2(tokens)
        .map_err(|error| Fault::new("(the generated code)", error.to_string()))?;
    polish::polish(&mut file, &fragment, &open, with_schemars)?;
    Ok(prettyplease::unparse(&file))
}

/// Some forms that the generator cannot take make it panic; a build needs a sentence instead.
fn run_generator(settings: &GenerationSettings, document: &OpenAPI) -> Result<TokenStream, Fault> {
    let run = || Generator::new(settings).generate_tokens(document);
    let fault = |reason: String| Fault::new("(as adapted for the generator)", reason);
    match panic::catch_unwind(AssertUnwindSafe(run)) {
        Ok(outcome) => outcome.map_err(|error| fault(error.to_string())),
        Err(panicked) => {
            let text = panicked.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panicked.downcast_ref::<&str>().copied());
            Err(fault(format!(
                "the generator panicked: {}",
                text.unwrap_or("without a word")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::generate;

    const FRAGMENT: &str = include_str!("../spec/peering.json");

    /// The message of the fault that a change of the fragment leads to.
    fn fault(change: impl FnOnce(&mut Value)) -> String {
        let mut fragment: Value = serde_json::from_str(FRAGMENT).unwrap();
        change(&mut fragment);
        generate(&fragment.to_string(), false)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_fragment_generates_with_and_without_schemars() {
        for with_schemars in [false, true] {
            let code = generate(FRAGMENT, with_schemars).unwrap();
            assert!(code.contains("pub async fn create_peering_connection"));
            assert!(code.contains("crate::open::open_union!"));
            assert_eq!(code.contains("JsonSchema"), with_schemars);
        }
    }

    #[test]
    fn no_type_of_the_generators_is_in_a_signature() {
        let code = generate(FRAGMENT, false).unwrap();
        let signatures = code.split("pub async fn ").skip(1);
        for signature in signatures.map(|text| text.split_once('{').unwrap().0) {
            assert!(signature.contains("crate::Response<"), "{signature}");
            assert!(signature.contains("crate::Error>"), "{signature}");
        }
        assert!(!code.contains("pub use progenitor_client"));
        assert!(!code.contains("pub fn new"));
    }

    #[test]
    fn text_that_is_no_json_is_told_with_its_line() {
        let message = generate("{\n  \"openapi\": ", false)
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("spec/peering.json: line 2"),
            "{message}"
        );
    }

    #[test]
    fn a_document_without_operations_is_told() {
        let message = fault(|fragment| fragment["paths"] = json!({}));
        assert_eq!(message, "spec/peering.json: /paths: holds no operation");
    }

    #[test]
    fn a_reference_to_nowhere_is_told_with_its_place() {
        let message = fault(|fragment| {
            let operation = &mut fragment["paths"]["/groups/{groupId}/peers"]["get"];
            let schema =
                &mut operation["responses"]["200"]["content"]["application/json"]["schema"];
            schema["$ref"] = json!("#/components/schemas/Nothing");
        });
        assert_eq!(
            message,
            "spec/peering.json: /paths/~1groups~1{groupId}~1peers/get/responses/200/content/\
             application~1json/schema: refers to #/components/schemas/Nothing, which is not there"
        );
    }

    #[test]
    fn a_property_without_a_description_is_told_with_its_place() {
        let message = fault(|fragment| {
            let properties = &mut fragment["components"]["schemas"]["AwsPeering"]["properties"];
            properties["vpcId"] = json!({"type": "string"});
        });
        assert_eq!(
            message,
            "spec/peering.json: /components/schemas/AwsPeering/properties/vpcId: has no description"
        );
    }

    #[test]
    fn an_operation_without_an_id_is_told_with_its_place() {
        let message = fault(|fragment| {
            let item = &mut fragment["paths"]["/groups/{groupId}/peers"];
            item["get"].as_object_mut().unwrap().remove("operationId");
        });
        assert_eq!(
            message,
            "spec/peering.json: /paths/~1groups~1{groupId}~1peers/get: has no operationId"
        );
    }

    #[test]
    fn an_error_that_is_none_of_the_api_is_told_with_its_place() {
        let message = fault(|fragment| {
            let answer = &mut fragment["components"]["responses"]["Conflict"];
            answer["content"]["application/json"]["schema"]["$ref"] =
                json!("#/components/schemas/Link");
        });
        assert_eq!(
            message,
            "spec/peering.json: /paths/~1groups~1{groupId}~1containers/post/responses/409: is an error \
             whose JSON is no ApiError"
        );
    }

    #[test]
    fn a_schema_that_is_none_is_told_with_its_place() {
        let message = fault(|fragment| {
            fragment["components"]["schemas"]["Provider"]["type"] = json!(7);
        });
        let place = "spec/peering.json: /components/schemas/Provider: ";
        assert!(message.starts_with(place), "{message}");
    }

    #[test]
    fn a_union_that_maps_no_child_is_told_with_its_place() {
        let message = fault(|fragment| {
            let mapping =
                &mut fragment["components"]["schemas"]["Peering"]["discriminator"]["mapping"];
            mapping.as_object_mut().unwrap().remove("AZURE");
        });
        assert_eq!(
            message,
            "spec/peering.json: /components/schemas/Peering/discriminator/mapping: has no value \
             for #/components/schemas/AzurePeering"
        );
    }

    #[test]
    fn a_union_of_answers_without_a_base_is_told_with_its_place() {
        let message = fault(|fragment| {
            let union = &mut fragment["components"]["schemas"]["Peering"];
            union.as_object_mut().unwrap().remove("properties");
        });
        let place = "spec/peering.json: /components/schemas/Peering: has no properties";
        assert!(message.starts_with(place), "{message}");
    }

    #[test]
    fn a_union_that_nothing_uses_is_told_with_its_place() {
        let message = fault(|fragment| {
            let item = &mut fragment["paths"]["/groups/{groupId}/containers/{containerId}"];
            item.as_object_mut().unwrap().remove("patch");
        });
        assert_eq!(
            message,
            "spec/peering.json: /components/schemas/ContainerUpdate: is a union that no operation \
             uses"
        );
    }

    #[test]
    fn a_document_without_schemas_is_told() {
        let message = fault(|fragment| fragment["components"] = json!(7));
        assert_eq!(
            message,
            "spec/peering.json: /components/schemas: is not an object"
        );
    }

    #[test]
    fn an_operation_whose_name_starts_like_a_constructor_stays() {
        let renamed = FRAGMENT.replace("\"getPeeringConnection\"", "\"newestPeeringConnection\"");
        let code = generate(&renamed, false).unwrap();
        assert!(code.contains("pub async fn newest_peering_connection"));
    }

    #[test]
    fn a_deprecated_operation_is_a_deprecated_method() {
        let code = generate(FRAGMENT, false).unwrap();
        let marked: Vec<_> = code
            .split("#[deprecated")
            .skip(1)
            .filter_map(|text| text.split_once("pub async fn ")?.1.split('<').next())
            .collect();
        assert_eq!(
            marked,
            [
                "verify_connect_via_peering_only_mode_for_one_project",
                "disable_peering",
            ]
        );
    }

    #[test]
    fn a_value_of_an_enum_without_words_is_told_with_its_place() {
        let message = fault(|fragment| {
            let values = &mut fragment["components"]["schemas"]["Provider"]["enum"];
            values.as_array_mut().unwrap().push(json!("ORACLE"));
        });
        assert_eq!(
            message,
            "spec/peering.json: /components/schemas/Provider/x-enum-descriptions: has no \
             description of ORACLE"
        );
    }

    #[test]
    fn what_the_generator_panics_at_is_a_sentence() {
        let message = fault(|fragment| {
            let operation = &mut fragment["paths"]["/groups/{groupId}/peers"]["get"];
            let answers = &mut operation["responses"];
            answers["201"] = json!({"description": "Two types.", "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Link"}},
            }});
        });
        assert!(message.contains("the generator panicked"), "{message}");
    }
}
