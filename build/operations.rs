//! The methods of the client: each checks its arguments, builds its request as the generator writes
//! it, and lets the transport send it.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use serde_json::Value;
use syn::punctuated::Punctuated;
use syn::{
    Block, Expr, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, LitStr, Local, Pat, ReturnType,
    Stmt, Token, Type, parse_quote,
};

use super::document::{Operation, snake};
use super::fragment::{Fragment, named_schema};
use super::requests::{inner, options};
use super::{Fault, IDS};

/// Finishes the methods, without the generated constructors. Returns the types of their options.
pub(super) fn finish(client: &mut ItemImpl, fragment: &Fragment) -> Result<TokenStream, Fault> {
    let (mut methods, mut types) = (Vec::new(), TokenStream::new());
    for item in std::mem::take(&mut client.items) {
        let ImplItem::Fn(method) = item else { continue };
        if method.sig.receiver().is_none() {
            continue;
        }
        let name = method.sig.ident.to_string();
        let fault = |reason| Fault::new(format!("operation {name}"), reason);
        let operation = fragment
            .operation(&name)
            .ok_or_else(|| fault("is not in the fragment"))?;
        let method = Method::read(&method, operation, fragment).map_err(fault)?;
        types.extend(method.options_type());
        methods.extend(method.functions());
    }
    client.items = methods.into_iter().map(ImplItem::Fn).collect();
    Ok(types)
}

/// An optional parameter: its name and its type in Rust, and its definition in the fragment.
pub(super) type Optional<'a> = (Ident, Type, &'a Value);

/// What is known of a method, from the generator and from the fragment.
pub(super) struct Method<'a> {
    pub(super) fragment: &'a Fragment,
    pub(super) operation: Operation<'a>,
    name: Ident,
    pub(super) required: Vec<(Ident, Type)>,
    pub(super) optional: Vec<Optional<'a>>,
    body: Option<Type>,
    response: Type,
    /// `let url = …;`, and `self.client.get(url)…` without what builds and sends it.
    url: Stmt,
    request: Expr,
    effect: TokenStream,
}

impl<'a> Method<'a> {
    fn read(
        method: &ImplItemFn,
        operation: Operation<'a>,
        fragment: &'a Fragment,
    ) -> Result<Self, &'static str> {
        let (mut required, mut optional, mut body) = (Vec::new(), Vec::new(), None);
        let parameters = operation.parameters();
        for argument in &method.sig.inputs {
            let FnArg::Typed(argument) = argument else {
                continue;
            };
            let Pat::Ident(name) = &*argument.pat else {
                return Err("has an argument without a name");
            };
            let (name, mut of) = (name.ident.clone(), (*argument.ty).clone());
            if let Type::Reference(of) = &mut of {
                of.lifetime = None;
            }
            match (name == "body", inner(&of, "Option")) {
                (true, _) => body = Some(owned(&of)),
                (_, Some(of)) => {
                    let is_own =
                        |of: &&Value| of["name"].as_str().map(snake).is_some_and(|of| name == of);
                    let own = parameters.iter().copied().find(is_own);
                    let own = own.ok_or("has an argument that is no parameter")?;
                    optional.push((name, owned(of), own));
                }
                (_, None) => required.push((name, of)),
            }
        }
        let response = response_of(&method.sig.output).ok_or("returns no ResponseValue")?;
        let known = request_of(&method.block, &optional);
        let (url, request) = known.ok_or("does not build its request in the known form")?;
        let effect = match operation.method {
            "get" | "head" => quote!(Read),
            "delete" => {
                let id = deleted_id(&operation);
                let id = id.ok_or("deletes what no parameter of its path names by an id")?;
                quote!(Delete(crate::#id::DELETED))
            }
            _ => quote!(Write),
        };
        Ok(Self {
            fragment,
            name: method.sig.ident.clone(),
            operation,
            required,
            optional,
            body,
            response,
            url,
            request,
            effect,
        })
    }

    /// The type of its options; nothing where it has none.
    fn options_type(&self) -> TokenStream {
        if self.optional.is_empty() {
            return TokenStream::new();
        }
        options(&self.options_name(), &self.with_options(), &self.optional)
    }

    /// As that of the operation, so that a parameter that becomes its first changes no other name.
    fn options_name(&self) -> Ident {
        let (first, rest) = self.operation.id().split_at(1);
        format_ident!("{}{rest}Options", first.to_uppercase())
    }

    pub(super) fn with_options(&self) -> Ident {
        format_ident!("{}_with_options", self.name)
    }

    /// The method, and with optional parameters a second one, so that neither breaks a program when
    /// the service gets another.
    fn functions(&self) -> Vec<ImplItemFn> {
        if self.optional.is_empty() {
            return vec![self.function(&self.name, None, &self.exchange())];
        }
        let (options, long) = (self.options_name(), self.with_options());
        let exchange = self.exchange();
        let arguments = self.required.iter().map(|(name, _)| quote!(#name));
        let arguments = arguments.chain(self.body.iter().map(|_| quote!(request)));
        let short = quote!(self.#long(#(#arguments,)* types::#options::default()).await);
        vec![
            self.function(&self.name, None, &short),
            self.function(&long, Some(&options), &exchange),
        ]
    }

    fn function(&self, name: &Ident, options: Option<&Ident>, body: &TokenStream) -> ImplItemFn {
        let (response, doc) = (&self.response, self.doc(name, options));
        let (names, types): (Vec<_>, Vec<_>) = self.required.iter().cloned().unzip();
        let request = self
            .body
            .iter()
            .map(|of| quote!(request: impl ::std::convert::Into<#of>));
        let options = options.iter().map(|of| quote!(options: types::#of));
        // The generator takes no notice of it; callers have to.
        let deprecated = (self.operation.value["deprecated"] == true)
            .then(|| quote!(#[deprecated(note = "the service deprecates this call")]));
        parse_quote! {
            #[doc = #doc]
            #deprecated
            pub async fn #name(&self, #(#names: #types,)* #(#request,)* #(#options,)*)
                -> Result<crate::Response<#response>, crate::Error> { #body }
        }
    }

    /// What the service would surely refuse is an error before a byte is sent.
    fn exchange(&self) -> TokenStream {
        let (url, request, effect) = (&self.url, &self.request, &self.effect);
        let (name, path) = (self.name.to_string(), self.operation.path);
        let mut checks = TokenStream::new();
        if let Some(of) = &self.body {
            checks.extend(quote! {
                let body: #of = request.into();
                crate::model::validation::Validate::validate(&body).map_err(|error| error.of(#name))?;
            });
        }
        for parameter in self.operation.parameters() {
            let parameter_name = parameter["name"].as_str().unwrap_or_default();
            let Some(least) = parameter["schema"]["minimum"].as_i64() else {
                continue;
            };
            let greatest = parameter["schema"]["maximum"].as_i64();
            let greatest = greatest.unwrap_or(i64::from(i32::MAX));
            let argument = format_ident!("{}", snake(parameter_name));
            checks.extend(quote! {
                crate::model::validation::within(#parameter_name, options.#argument, #least..=#greatest)
                    .map_err(|error| error.of(#name))?;
            });
        }
        let is_empty = matches!(self.response, Type::Tuple(_));
        let read = if is_empty { quote!(unit) } else { quote!(json) };
        quote! {
            const OPERATION: Operation = Operation { name: #name, path: #path, effect: Effect::#effect };
            #checks
            #url
            let request = #request;
            self.inner.call(&OPERATION, request, RawResponse::#read).await
        }
    }
}

/// The type of the id that the last part of a path is.
fn deleted_id(operation: &Operation<'_>) -> Option<Ident> {
    let name = operation.path.rsplit('/').next()?;
    let name = name.strip_prefix('{')?.strip_suffix('}')?;
    let mut parameters = operation.parameters().into_iter();
    let id = named_schema(&parameters.find(|of| of["name"] == name)?["schema"])?;
    IDS.contains(&id).then(|| format_ident!("{id}"))
}

/// The request of a generated method: `let url = …;`, and `self.client.get(url)…` without
/// what builds and sends it. None where the generator writes another form.
fn request_of(block: &Block, optional: &[Optional<'_>]) -> Option<(Stmt, Expr)> {
    let named = |name: &str| {
        block.stmts.iter().find_map(|statement| match statement {
            Stmt::Local(local) => match &local.pat {
                Pat::Ident(pattern) if pattern.ident == name => Some(local.clone()),
                _ => None,
            },
            _ => None,
        })
    };
    let url = below_base_url(&named("url")?)?;
    let Expr::Try(request) = *named("request")?.init?.expr else {
        return None;
    };
    let Expr::MethodCall(build) = *request.expr else {
        return None;
    };
    let mut chain = finish_chain(*build.receiver, optional);
    if !optional.is_empty() {
        chain = parse_quote!(#chain.query(&options));
    }
    Some((url, chain))
}

/// `let url = format!("{}/groups/{}", self.baseurl, …);`, where the base URL is one that is parsed
/// already: to parse it for each call would take as long as to compute a digest.
fn below_base_url(url: &Local) -> Option<Stmt> {
    let Expr::Macro(format) = &*url.init.as_ref()?.expr else {
        return None;
    };
    let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
    let mut arguments = format.mac.parse_body_with(arguments).ok()?.into_iter();
    let template: LitStr = syn::parse2(arguments.next()?.into_token_stream()).ok()?;
    let (template, base_url) = (template.value(), arguments.next()?);
    let path = template.strip_prefix("{}")?;
    Some(parse_quote! {
        let url = crate::client::base_url::below(&#base_url, &format!(#path, #(#arguments),*));
    })
}

/// The media type is that of the version, and no other header holds the version. The options encode all
/// optional parameters of the query at once.
fn finish_chain(chain: Expr, optional: &[Optional<'_>]) -> Expr {
    let Expr::MethodCall(mut call) = chain else {
        return chain;
    };
    let receiver = finish_chain(*call.receiver, optional);
    let arguments = &call.args;
    match call.method.to_string().as_str() {
        "headers" => return receiver,
        "query" => {
            let argument = arguments.to_token_stream().to_string();
            let is_own = |(name, ..): &Optional<'_>| argument.contains(&format!("& {name})"));
            if optional.iter().any(is_own) {
                return receiver;
            }
        }
        // The only header that the fragment's operations have.
        "header" => {
            return parse_quote!(
                #receiver.header(::reqwest::header::ACCEPT, self.inner.version.media_type())
            );
        }
        "json" => {
            return parse_quote!(
                #receiver
                    .header(::reqwest::header::CONTENT_TYPE, self.inner.version.media_type())
                    .json(#arguments)
            );
        }
        _ => {}
    }
    *call.receiver = receiver;
    Expr::MethodCall(call)
}

/// `T` of `&T`, and `String` of `&str`.
fn owned(of: &Type) -> Type {
    match of {
        Type::Reference(of) => match &*of.elem {
            Type::Path(path) if path.path.is_ident("str") => parse_quote!(::std::string::String),
            of => of.clone(),
        },
        of => of.clone(),
    }
}

/// `T` of `-> Result<ResponseValue<T>, …>`.
fn response_of(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Type(_, returned) => {
            inner(inner(returned, "Result")?, "ResponseValue").cloned()
        }
        ReturnType::Default => None,
    }
}
