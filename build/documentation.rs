//! The documentation of the client's methods: what the fragment says, with an example of a call.

use quote::quote;
use syn::Ident;

use super::document::{Operation, entries};
use super::fragment::named_schema;
use super::operations::Method;
use super::requests::example;

impl Method<'_> {
    /// The documentation of the method, or of its form with options.
    pub(super) fn doc(&self, name: &Ident, options: Option<&Ident>) -> String {
        let Operation {
            value,
            method,
            path,
            ..
        } = &self.operation;
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let mut sends = format!("Sends `{} {path}`.", method.to_uppercase());
        if options.is_none() && !self.optional.is_empty() {
            let long = self.with_options();
            sends = format!("{sends} For its optional parameters see [`{long}`](Self::{long}).");
        }
        let call = self.example(name, options);
        let mut parts = vec![text("summary"), text("description"), sends, call];
        parts.push("# Errors".to_owned());
        let mut errors = vec![
            "- [`is_input`](crate::Error::is_input): an argument is invalid. Nothing was sent."
                .to_owned(),
            "- Without a [`status`](crate::Error::status): there is no response.".to_owned(),
            "- With a status: the service refused the request.".to_owned(),
        ];
        let refusals = entries(&value["responses"]).filter(|(status, _)| !status.starts_with('2'));
        errors.extend(refusals.map(|(status, response)| {
            let words = &self.fragment.resolve(response)["description"];
            format!("    - {status}: {}", words.as_str().unwrap_or_default())
        }));
        parts.push(errors.join("\n"));
        parts.join("\n\n")
    }

    /// A program that calls it, with the examples of the fragment.
    fn example(&self, name: &Ident, options: Option<&Ident>) -> String {
        let (mut lines, mut arguments, mut types) = (Vec::new(), Vec::new(), Vec::new());
        for (argument, of) in &self.required {
            let of = quote!(#of).to_string().replace(' ', "");
            let schema = of.rsplit("::").next().unwrap_or_default();
            let known = &self.fragment.document["components"]["schemas"][schema];
            if let Some(id) = known["example"].as_str() {
                lines.push(format!("let {argument} = {id:?}.parse()?;"));
                arguments.push(format!("&{argument}"));
            } else {
                let value = known["enum"][0].as_str().unwrap_or_default();
                arguments.push(format!("&{value:?}.into()"));
            }
        }
        let body = &self.operation.value["requestBody"]["content"]["application/json"];
        let schema = named_schema(&body["schema"]);
        let request = schema.and_then(|schema| example(self.fragment, schema, &body["example"]));
        if let Some(request) = request {
            types.extend(request.split("::").next().map(str::to_owned));
            lines.push(format!("let request = {request};"));
            arguments.push("request".to_owned());
        }
        if let (Some(options), Some((first, _, parameter))) = (options, self.optional.first()) {
            let value = &parameter["schema"]["default"];
            types.push(options.to_string());
            lines.push(format!(
                "let options = {options}::default().{first}({value});"
            ));
            arguments.push("options".to_owned());
        }
        let arguments = arguments.join(", ");
        lines.push(format!("let response = atlas.{name}({arguments}).await?;"));
        let mut program = vec!["```no_run".to_owned()];
        if self.operation.value["deprecated"] == true {
            program.push("# #![allow(deprecated)]".to_owned());
        }
        for of in types {
            program.push(format!("use atlas_peering::types::{of};"));
        }
        program.push(
            "# async fn example(atlas: atlas_peering::Client) -> Result<(), atlas_peering::Error> {"
                .to_owned(),
        );
        program.extend(lines);
        program.push("println!(\"{response:?}\");\n# Ok(())\n# }\n```".to_owned());
        program.join("\n")
    }
}
