//! The generated code as a public surface: no type of progenitor's in it, a handwritten
//! constructor, checked requests, answers that keep what they do not know.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{Block, Expr, File, GenericArgument, ImplItem, Item, ItemImpl, ItemMod, ItemStruct};
use syn::{Pat, PathArguments, ReturnType, Stmt, Type, parse_quote};

use super::document::{Operation, entries, snake};
use super::fragment::Fragment;
use super::open_types::OpenTypes;
use super::{Fault, IDS};

pub(super) fn polish(file: &mut File, fragment: &Fragment, open: &OpenTypes) -> Result<(), Fault> {
    file.items.retain(is_ours);
    file.items.push(parse_quote!(
        use progenitor_client::encode_path;
    ));
    for item in &mut file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                finish_types(module, fragment, open)?;
            }
            Item::Struct(client) if client.ident == "Client" => finish_client(client),
            Item::Impl(client) if client.trait_.is_none() => {
                finish_operations(client, fragment)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether an item is the public surface or carries it: the generator's imports, hooks and traits are
/// of no use once the transport sends the requests.
fn is_ours(item: &Item) -> bool {
    match item {
        Item::Mod(module) => module.ident == "types",
        Item::Struct(_) => true,
        Item::Impl(client) => client.trait_.is_none(),
        _ => false,
    }
}

/// `Client` gets a handwritten `Debug`, for that of `reqwest::Client` prints headers and proxies,
/// and words of its own, for the generator's are about the document.
fn finish_client(client: &mut ItemStruct) {
    let words = "The client: one method for each operation of the service.\n\n\
        It is made by [`Client::new`] or [`Client::builder`], and clones cheaply: clones share \
        their connections and what authentication has learnt.";
    client.attrs = vec![
        parse_quote!(#[doc = #words]),
        parse_quote!(#[derive(Clone)]),
    ];
}

/// Adds the open types, and describes where a response keeps the fields that it does not know.
fn finish_types(module: &mut ItemMod, fragment: &Fragment, open: &OpenTypes) -> Result<(), Fault> {
    let Some((_, items)) = &mut module.content else {
        return Ok(());
    };
    // Nothing in the fragment needs the generator's error of conversion.
    items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "error"));
    for item in items.iter_mut() {
        let Item::Struct(of) = item else { continue };
        let name = of.ident.to_string();
        let unknown = name.strip_prefix("Unknown").unwrap_or_default();
        if fragment.in_answers.contains(&name) || fragment.in_answers.contains(unknown) {
            describe_extra(of);
        }
    }
    for definition in open.definitions() {
        let defined: File = syn::parse2(definition)
            .map_err(|error| Fault::new("(the open types)", error.to_string()))?;
        items.extend(defined.items);
    }
    Ok(())
}

/// Every field of a response but `extra` is described in the fragment.
fn describe_extra(of: &mut ItemStruct) {
    of.attrs.push(parse_quote!(#[non_exhaustive]));
    for field in &mut of.fields {
        if field.ident.as_ref().is_some_and(|name| name == "extra") {
            let words = "The fields that this version does not know, as the service sent them.";
            field.attrs.push(parse_quote!(#[doc = #words]));
        }
    }
}

/// Removes the generated constructors, and lets each operation send its request through the transport.
fn finish_operations(client: &mut ItemImpl, fragment: &Fragment) -> Result<(), Fault> {
    client
        .items
        .retain(|item| matches!(item, ImplItem::Fn(function) if function.sig.receiver().is_some()));
    for item in &mut client.items {
        let ImplItem::Fn(method) = item else { continue };
        let name = method.sig.ident.to_string();
        let fault = |reason| Fault::new(format!("operation {name}"), reason);
        let operation = fragment
            .operation(&name)
            .ok_or_else(|| fault("is not in the fragment"))?;
        let response =
            response_of(&method.sig.output).ok_or_else(|| fault("returns no ResponseValue"))?;
        let (url, request) = request_of(&method.block)
            .ok_or_else(|| fault("does not build its request in the known form"))?;
        let is_empty = matches!(response, Type::Tuple(_));
        let body = if is_empty { quote!(unit) } else { quote!(json) };
        let effect = match operation.method {
            "get" | "head" => quote!(Read),
            "delete" => {
                let id = deleted_id(&operation)
                    .ok_or_else(|| fault("deletes what no parameter of its path names by an id"))?;
                quote!(Delete(crate::#id::DELETED))
            }
            _ => quote!(Write),
        };
        let path = operation.path;
        let checks = checks(&operation, &name);
        method.block = parse_quote!({
            #checks
            #url
            let request = #request;
            const OPERATION: Operation = Operation { name: #name, path: #path, effect: Effect::#effect };
            self.inner.call(&OPERATION, request, RawResponse::#body).await
        });
        method.sig.output = parse_quote!(-> Result<crate::Response<#response>, crate::Error>);
        let errors = errors_section(fragment, &operation);
        method.attrs.push(parse_quote!(#[doc = #errors]));
        // The generator takes no notice of it; callers have to.
        if operation.value["deprecated"] == true {
            let note = "the service deprecates this call";
            method.attrs.push(parse_quote!(#[deprecated(note = #note)]));
        }
    }
    Ok(())
}

/// The type of the id that the last part of a path is.
fn deleted_id(operation: &Operation<'_>) -> Option<Ident> {
    let name = operation.path.rsplit('/').next()?;
    let name = name.strip_prefix('{')?.strip_suffix('}')?;
    let mut parameters = operation.parameters().into_iter();
    let schema = &parameters.find(|of| of["name"] == name)?["schema"]["$ref"];
    let id = schema.as_str()?.rsplit('/').next()?;
    IDS.contains(&id).then(|| format_ident!("{id}"))
}

/// What a generated method says of its request: `let url = …;`, and `self.client.get(url)…` without
/// what builds and sends it. None where the generator writes another form.
fn request_of(block: &Block) -> Option<(Stmt, Expr)> {
    let named = |name: &str| {
        block.stmts.iter().find_map(|statement| match statement {
            Stmt::Local(local) => match &local.pat {
                Pat::Ident(pattern) if pattern.ident == name => Some(local.clone()),
                _ => None,
            },
            _ => None,
        })
    };
    let url = Stmt::Local(named("url")?);
    let Expr::Try(request) = *named("request")?.init?.expr else {
        return None;
    };
    let Expr::MethodCall(build) = *request.expr else {
        return None;
    };
    let mut chain = *build.receiver;
    Headers.visit_expr_mut(&mut chain);
    Some((url, chain))
}

/// The media type is that of the version, and no header says the version a second time.
struct Headers;

impl VisitMut for Headers {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        syn::visit_mut::visit_expr_mut(self, expression);
        let Expr::MethodCall(call) = expression else {
            return;
        };
        let receiver = &call.receiver;
        match call.method.to_string().as_str() {
            "headers" => *expression = (**receiver).clone(),
            // The only header that the fragment's operations have.
            "header" => {
                *expression = parse_quote!(
                    #receiver.header(::reqwest::header::ACCEPT, self.inner.media_type())
                );
            }
            "json" => {
                let body = &call.args;
                *expression = parse_quote!(
                    #receiver
                        .header(::reqwest::header::CONTENT_TYPE, self.inner.media_type())
                        .json(#body)
                );
            }
            _ => {}
        }
    }
}

/// `T` of `-> Result<ResponseValue<T>, …>`.
fn response_of(output: &ReturnType) -> Option<Type> {
    fn first_argument(of: &Type) -> Option<&Type> {
        let Type::Path(path) = of else { return None };
        match &path.path.segments.last()?.arguments {
            PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
                GenericArgument::Type(of) => Some(of),
                _ => None,
            },
            _ => None,
        }
    }
    match output {
        ReturnType::Type(_, returned) => first_argument(first_argument(returned)?).cloned(),
        ReturnType::Default => None,
    }
}

/// What the service would surely refuse is an error before a byte is sent.
fn checks(operation: &Operation<'_>, name: &str) -> TokenStream {
    let mut checks = TokenStream::new();
    if operation.value.get("requestBody").is_some() {
        checks.extend(quote! {
            crate::model::validation::Validate::validate(body).map_err(|error| error.of(#name))?;
        });
    }
    for parameter in operation.parameters() {
        let parameter_name = parameter["name"].as_str().unwrap_or_default();
        let Some(least) = parameter["schema"]["minimum"].as_i64() else {
            continue;
        };
        let greatest = parameter["schema"]["maximum"].as_i64();
        let greatest = greatest.unwrap_or(i64::from(i32::MAX));
        let argument = format_ident!("{}", snake(parameter_name));
        checks.extend(quote! {
            crate::model::validation::within(#parameter_name, #argument, #least..=#greatest)
                .map_err(|error| error.of(#name))?;
        });
    }
    checks
}

/// The `# Errors` section of an operation, from the responses that the fragment lists.
fn errors_section(fragment: &Fragment, operation: &Operation<'_>) -> String {
    let mut text = String::from(
        "\n# Errors\n\nAn [`Error`](crate::Error) about the input, before anything is sent, where an \
         argument is not valid; without a status where no response came; and with the service's \
         status where it refused:\n\n",
    );
    for (status, response) in entries(&operation.value["responses"]) {
        if !status.starts_with('2') {
            let words = &fragment.resolve(response)["description"];
            text.extend(["- ", status, ": ", words.as_str().unwrap_or_default(), "\n"]);
        }
    }
    text
}
