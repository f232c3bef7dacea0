//! The generated code as a public surface: no type of progenitor's in it, a handwritten
//! constructor, checked requests, answers that keep what they do not know.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Expr, ExprPath, Field, Fields, File, FnArg, ImplItem, Item, ItemImpl};
use syn::{ItemMod, ItemStruct, LitStr, Pat, ReturnType, Token, Type, parse_quote};

use super::Fault;
use super::document::{entries, snake};
use super::fragment::Fragment;
use super::open_types::OpenTypes;

/// The generator's own; an operation whose name starts like one is none.
const CONSTRUCTORS: [&str; 2] = ["new", "new_with_client"];

pub(super) fn polish(
    file: &mut File,
    fragment: &Fragment,
    open: &OpenTypes,
    with_schemars: bool,
) -> Result<(), Fault> {
    hide_progenitor(file);
    file.items
        .retain(|item| !matches!(item, Item::Mod(module) if module.ident == "prelude"));
    for item in &mut file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                finish_types(module, fragment, open, with_schemars)?;
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

/// What progenitor re-exports stays inside.
fn hide_progenitor(file: &mut File) {
    for item in &mut file.items {
        if let Item::Use(import) = item {
            import.vis = syn::Visibility::Inherited;
        }
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

/// Adds the open types, and lets every answer keep the fields that it does not know.
fn finish_types(
    module: &mut ItemMod,
    fragment: &Fragment,
    open: &OpenTypes,
    with_schemars: bool,
) -> Result<(), Fault> {
    let Some((_, items)) = &mut module.content else {
        return Err(Fault::new(
            "(the generated code)",
            "its module of types is empty",
        ));
    };
    // Nothing in the fragment needs the generator's error of conversion.
    items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "error"));
    let mut additions = open.definitions();
    for item in items.iter_mut() {
        let Item::Struct(of) = item else { continue };
        let name = of.ident.to_string();
        let unknown = name.strip_prefix("Unknown").unwrap_or_default();
        if fragment.in_answers.contains(&name) || fragment.in_answers.contains(unknown) {
            additions.push(keep_unknown_fields(of, with_schemars)?);
        }
    }
    for addition in additions {
        let item = syn::parse2(addition)
            .map_err(|error| Fault::new("(the open types)", error.to_string()))?;
        items.push(item);
    }
    Ok(())
}

/// Takes serde's derive away, adds the field `extra`, and returns the call of the macro that
/// encodes and decodes the struct without loss.
fn keep_unknown_fields(of: &mut ItemStruct, with_schemars: bool) -> Result<TokenStream, Fault> {
    let name = &of.ident;
    let unread = |error: syn::Error| {
        let place = format!("(the generated struct {name})");
        Fault::new(place, error.to_string())
    };
    let mut fields = TokenStream::new();
    if let Fields::Named(named) = &mut of.fields {
        for field in &mut named.named {
            fields.extend(field_of_macro(field).map_err(unread)?);
            describe_to_schemars(field, with_schemars);
        }
        let skip: Option<Attribute> = with_schemars.then(|| parse_quote!(#[schemars(skip)]));
        named.named.push(parse_quote! {
            /// What the service sent beyond these fields, and the nulls among them: encoding gives
            /// back what was decoded.
            #skip
            pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>
        });
    }
    remove_serde_derives(&mut of.attrs).map_err(unread)?;
    of.attrs.push(parse_quote!(#[non_exhaustive]));
    Ok(quote!(crate::open::keeps_extra! { #name { #fields } }))
}

/// `vpc_id: "vpcId" optional,` for the macro.
fn field_of_macro(field: &Field) -> syn::Result<TokenStream> {
    let ident = &field.ident;
    let mut name = ident.as_ref().map(ToString::to_string).unwrap_or_default();
    let serde = |attribute: &&Attribute| attribute.path().is_ident("serde");
    for attribute in field.attrs.iter().filter(serde) {
        attribute.parse_nested_meta(|meta| {
            if meta.input.peek(Token![=]) {
                let value: LitStr = meta.value()?.parse()?;
                if meta.path.is_ident("rename") {
                    name = value.value();
                }
            }
            Ok(())
        })?;
    }
    let optional = matches!(&field.ty, Type::Path(of) if of.path.segments.last().is_some_and(|last| last.ident == "Option"));
    Ok(if optional {
        quote!(#ident: #name optional,)
    } else {
        quote!(#ident: #name required,)
    })
}

/// The attributes that serde's derive read are for schemars' alone now, or for nobody.
fn describe_to_schemars(field: &mut Field, with_schemars: bool) {
    field
        .attrs
        .retain(|attribute| with_schemars || !attribute.path().is_ident("serde"));
}

fn remove_serde_derives(attributes: &mut [Attribute]) -> syn::Result<()> {
    let derive = |attribute: &&mut Attribute| attribute.path().is_ident("derive");
    for attribute in attributes.iter_mut().filter(derive) {
        let mut kept = Vec::<syn::Path>::new();
        attribute.parse_nested_meta(|meta| {
            if meta
                .path
                .segments
                .first()
                .is_none_or(|first| first.ident != "serde")
            {
                kept.push(meta.path);
            }
            Ok(())
        })?;
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
    }
    Ok(())
}

/// Removes the generated constructors, and brings each operation under our own error and answer.
fn finish_operations(client: &mut ItemImpl, fragment: &Fragment) -> Result<(), Fault> {
    client.items.retain(|item| {
        !matches!(item, ImplItem::Fn(function) if CONSTRUCTORS.iter().any(|name| function.sig.ident == name))
    });
    for item in &mut client.items {
        let ImplItem::Fn(method) = item else { continue };
        let name = method.sig.ident.to_string();
        let ReturnType::Type(_, returned) = &method.sig.output else {
            return Err(Fault::new(format!("operation {name}"), "returns nothing"));
        };
        let answer = answer_of(returned)
            .ok_or_else(|| Fault::new(format!("operation {name}"), "returns no ResponseValue"))?;
        let checks = checks(method, fragment, &name);
        let mut block = method.block.clone();
        DecodeHere.visit_block_mut(&mut block);
        method.block = parse_quote!({
            #checks
            let outcome: Result<crate::Response<#answer>, Error<()>> = async #block.await;
            crate::transport::finish(#name, outcome)
        });
        method.sig.output = parse_quote!(-> Result<crate::Response<#answer>, crate::Error>);
        let errors = errors_section(fragment, &name);
        method.attrs.push(parse_quote!(#[doc = #errors]));
        if is_deprecated(fragment, &name) {
            let note = "the service deprecates this call";
            method.attrs.push(parse_quote!(#[deprecated(note = #note)]));
        }
    }
    Ok(())
}

/// `T` of `Result<ResponseValue<T>, …>`.
fn answer_of(returned: &Type) -> Option<Type> {
    fn first_argument(of: &Type, name: &str) -> Option<Type> {
        let Type::Path(path) = of else { return None };
        let last = path.path.segments.last()?;
        let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
            return None;
        };
        match arguments.args.first()? {
            syn::GenericArgument::Type(of) if last.ident == name => Some(of.clone()),
            _ => None,
        }
    }
    first_argument(&first_argument(returned, "Result")?, "ResponseValue")
}

/// What the service would surely refuse is an error before a byte is sent.
fn checks(method: &syn::ImplItemFn, fragment: &Fragment, name: &str) -> TokenStream {
    let mut checks = TokenStream::new();
    for argument in &method.sig.inputs {
        let FnArg::Typed(argument) = argument else {
            continue;
        };
        if matches!(&*argument.pat, Pat::Ident(ident) if ident.ident == "body") {
            checks.extend(
                quote!(crate::check::Check::check(body).map_err(|error| error.of(#name))?;),
            );
        }
    }
    for bounds in fragment.query_bounds(name) {
        let argument = quote::format_ident!("{}", snake(&bounds.parameter));
        let (parameter, least) = (&bounds.parameter, bounds.least);
        let greatest = bounds.greatest.unwrap_or(i64::from(i32::MAX));
        checks.extend(quote! {
            crate::check::within(#parameter, #argument, #least..=#greatest)
                .map_err(|error| error.of(#name))?;
        });
    }
    checks
}

/// The `# Errors` section of an operation, from the answers that the fragment lists.
fn errors_section(fragment: &Fragment, name: &str) -> String {
    let mut text = String::from(
        "\n# Errors\n\nAn [`Error`](crate::Error) about the input, before anything is sent, where an \
         argument cannot be right; without a status where no answer came; and with the service's \
         status where it refused:\n\n",
    );
    if let Some(operation) = fragment.operation_of(name) {
        for (status, answer) in entries(&operation["responses"]) {
            if !status.starts_with('2') {
                let words = fragment.resolve(answer)["description"]
                    .as_str()
                    .unwrap_or_default();
                text.extend(["- ", status, ": ", words, "\n"]);
            }
        }
    }
    text
}

/// The generator takes no notice of `deprecated`; callers have to.
fn is_deprecated(fragment: &Fragment, name: &str) -> bool {
    fragment
        .operation_of(name)
        .is_some_and(|operation| operation["deprecated"] == true)
}

/// Decoding happens in the transport, which knows the status that a fault of decoding has to tell,
/// and lets no answer through that is an error.
struct DecodeHere;

impl VisitMut for DecodeHere {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        syn::visit_mut::visit_expr_mut(self, expression);
        let ends = |expression: &Expr, of: &str, name: &str| {
            matches!(expression, Expr::Path(ExprPath { path, .. })
                if path.segments.len() == 2 && path.segments[0].ident == of && path.segments[1].ident == name)
        };
        if ends(expression, "ResponseValue", "from_response") {
            *expression = parse_quote!(crate::transport::decode);
        } else if ends(expression, "ResponseValue", "empty") {
            *expression = parse_quote!(crate::transport::empty);
        } else if matches!(expression, Expr::Call(call) if ends(&call.func, "Error", "ErrorResponse"))
        {
            *expression = parse_quote!(Error::UnexpectedResponse(response));
        }
    }
}
