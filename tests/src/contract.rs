//! A service's published contract (OpenAPI 3.1, in `tests/contract`), read by a real validator (JSON Schema 2020-12).
//!
//! It says which call a request is, whether the request keeps to the contract, and which answers the contract gives as
//! examples. Stricter than the contract in one thing: a body has the fields that it names and no others. Deliberately
//! knows nothing of Longkey's own code: the fakes and the tests compare.

use std::sync::LazyLock;

use anyhow::{Context as _, bail, ensure};
use boon::{Compiler, Schemas};
use serde_json::{Map, Value};
use yaml_rust2::{Yaml, YamlLoader};

use crate::fakes::Recorded;

/// Where the document stands for its own references; nothing is fetched.
const ADDRESS: &str = "contract:///document";

/// Xquik's.
///
/// # Panics
/// When the file is no contract.
pub fn xquik() -> &'static Contract {
    static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
        let submit =
            "/paths/~1x~1account-connection-challenges~1{id}~1submit/post/requestBody/content/application~1json/schema";
        let bodies = ["/components/schemas/ReauthRequest", "/components/schemas/ConnectRequest", submit];
        Contract::read(include_str!("../contract/xquik.openapi.yaml"), &bodies, Caller::ApiKey)
            .expect("Xquik's contract can be read")
    });
    &CONTRACT
}

/// Fans API's, for Fansly.
///
/// # Panics
/// When the file is no contract.
pub fn fansly() -> &'static Contract {
    static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
        let code =
            "/paths/~1api~1fansly~1authenticate~1{fanslyAccount}/put/requestBody/content/application~1json/schema";
        Contract::read(
            include_str!("../contract/fansly.openapi.yaml"),
            &[code, "/components/schemas/StartRequest"],
            Caller::Bearer,
        )
        .expect("Fans API's contract can be read")
    });
    &CONTRACT
}

/// How a request says who asks.
#[derive(Clone, Copy, Debug)]
enum Caller {
    /// `x-api-key`, and Xquik's form of it.
    ApiKey,
    /// `authorization: Bearer …` (RFC 6750, section 2.1).
    Bearer,
}

/// One contract.
#[derive(Debug)]
pub struct Contract {
    document: Value,
    caller: Caller,
}

/// An answer that the contract gives as an example.
#[derive(Clone, Debug)]
pub struct Example {
    /// The call's `operationId`.
    pub call: String,
    /// `200`, `422` …, or `default`.
    pub status: String,
    /// The example's name; `only` where it has none.
    pub name: String,
    /// What is answered.
    pub body: Value,
}

impl Contract {
    fn read(text: &str, bodies: &[&str], caller: Caller) -> anyhow::Result<Self> {
        let documents = YamlLoader::load_from_str(text)?;
        let mut document = json(documents.first().context("an empty file")?)?;
        // Bodies of requests have no field that the contract does not name.
        for path in bodies {
            let schema = document.pointer_mut(path);
            schema.with_context(|| format!("no schema {path}"))?["additionalProperties"] = Value::Bool(false);
        }
        Ok(Self { document, caller })
    }

    /// The `operationId` of what a request asks for, if all of it is as the contract wants it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn request(&self, base: &str, request: &Recorded) -> anyhow::Result<String> {
        let path =
            request.path().strip_prefix(base).with_context(|| format!("{} is not below {base}", request.path()))?;
        let (template, values) = self.template(path).with_context(|| format!("no call has the path {path}"))?;
        let method = request.method.to_ascii_lowercase();
        let place = format!("/paths/{}/{method}", escaped(template));
        let call = self.document.pointer(&place).with_context(|| format!("{template} knows no {}", request.method))?;
        let name = call["operationId"].as_str().context("the call has no operationId")?.to_owned();

        let mut given: Vec<(&str, &str, &str)> = values.iter().map(|(name, value)| ("path", *name, *value)).collect();
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').with_context(|| format!("{pair} in the query has no value"))?;
            given.push(("query", name, value));
        }
        for (at, name, value) in given {
            let list = [format!("/paths/{}/parameters", escaped(template)), format!("{place}/parameters")];
            let parameter = list
                .iter()
                .filter_map(|list| Some((list, self.document.pointer(list)?.as_array()?)))
                .flat_map(|(list, all)| (0..all.len()).map(move |at| format!("{list}/{at}")))
                .map(|one| self.resolved(&one))
                .find(|one| self.document.pointer(one).is_some_and(|it| it["in"] == at && it["name"] == name))
                .with_context(|| format!("{template} has no {at} parameter {name}"))?;
            let schema = format!("{parameter}/schema");
            let number = self.document.pointer(&schema).is_some_and(|it| it["type"] == "integer");
            let value =
                if number { value.parse().map_or_else(|_| value.into(), i64::into) } else { Value::from(value) };
            self.validate(&schema, &value).with_context(|| format!("the {at} parameter {name}"))?;
        }

        self.caller.check(request)?;

        match call.get("requestBody") {
            None => ensure!(request.body.is_empty(), "{name} takes no body"),
            Some(_) => {
                let kind = request.header("content-type").unwrap_or_default();
                ensure!(kind.split(';').next() == Some("application/json"), "the body's type is {kind:?}");
                let body = request.json().context("the body is no JSON")?;
                self.validate(&format!("{place}/requestBody/content/application~1json/schema"), &body)
                    // A validator's own words would repeat what was sent.
                    .map_err(|_secret| anyhow::anyhow!("the body of {name} is not what the contract asks for"))?;
            }
        }
        Ok(name)
    }

    /// Whether an answer to a call is one that the contract describes, for this status or by default.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn answer(&self, call: &str, status: u16, body: &Value) -> anyhow::Result<()> {
        let place = self.calls().find(|(_, it)| it["operationId"] == call).context("no such call")?.0;
        let told = [status.to_string(), "default".to_owned()]
            .map(|status| self.resolved(&format!("{place}/responses/{status}")))
            .into_iter()
            .find(|place| self.document.pointer(place).is_some())
            .context("neither this status nor a default")?;
        self.validate(&format!("{told}/content/application~1json/schema"), body)
            .with_context(|| format!("{call} answered {status} with {body}"))
    }

    /// All answers that are given as examples, of the calls that have this tag.
    #[must_use]
    pub fn examples(&self, tag: &str) -> Vec<Example> {
        let mut found = vec![];
        for (place, call) in self.calls().filter(|(_, call)| call["tags"][0] == tag) {
            for status in call["responses"].as_object().into_iter().flat_map(Map::keys) {
                let content =
                    format!("{}/content/application~1json", self.resolved(&format!("{place}/responses/{status}")));
                let Some(content) = self.document.pointer(&content) else { continue };
                let one = |name: &str, body: &Value| Example {
                    call: call["operationId"].as_str().unwrap_or_default().to_owned(),
                    status: status.clone(),
                    name: name.to_owned(),
                    body: body.clone(),
                };
                found.extend(content.get("example").map(|body| one("only", body)));
                let several = content.get("examples").and_then(Value::as_object);
                found.extend(several.into_iter().flatten().map(|(name, it)| one(name, &it["value"])));
            }
        }
        found
    }

    /// Every call, with its place in the document.
    fn calls(&self) -> impl Iterator<Item = (String, &Value)> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, calls)| {
            let calls = calls.as_object().into_iter().flatten().filter(|(_, call)| call.get("operationId").is_some());
            calls.map(move |(method, call)| (format!("/paths/{}/{method}", escaped(path)), call))
        })
    }

    /// The path of the contract that a path fits, with the values that stand for its names.
    fn template<'a>(&'a self, path: &'a str) -> Option<(&'a str, Vec<(&'a str, &'a str)>)> {
        let asked: Vec<&str> = path.split('/').collect();
        self.document["paths"].as_object()?.keys().find_map(|template| {
            let parts: Vec<&str> = template.split('/').collect();
            let mut values = vec![];
            let fits = parts.len() == asked.len()
                && parts.iter().zip(&asked).all(|(part, asked)| {
                    match part.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
                        Some(name) => {
                            values.push((name, *asked));
                            true
                        }
                        None => part == asked,
                    }
                });
            fits.then_some((template.as_str(), values))
        })
    }

    /// The place itself, or the one that its `$ref` names.
    fn resolved(&self, place: &str) -> String {
        let reference = self.document.pointer(place).and_then(|it| it.get("$ref")).and_then(Value::as_str);
        reference.and_then(|it| it.strip_prefix('#')).map_or_else(|| place.to_owned(), str::to_owned)
    }

    fn validate(&self, place: &str, value: &Value) -> anyhow::Result<()> {
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource(ADDRESS, self.document.clone()).map_err(|error| anyhow::anyhow!("{error:#}"))?;
        let mut schemas = Schemas::new();
        let address = format!("{ADDRESS}#{}", place.replace('{', "%7B").replace('}', "%7D"));
        let schema = compiler.compile(&address, &mut schemas).map_err(|error| anyhow::anyhow!("{error:#}"))?;
        schemas.validate(value, schema).map_err(|error| anyhow::anyhow!("{error}"))
    }
}

impl Caller {
    fn check(self, request: &Recorded) -> anyhow::Result<()> {
        match self {
            Self::ApiKey => {
                ensure!(request.header("authorization").is_none(), "one way to say who asks is enough");
                let key = request.header("x-api-key").context("no x-api-key")?;
                let hex = key.strip_prefix("xq_").unwrap_or_default();
                let fits = hex.len() == 64 && hex.bytes().all(|c| c.is_ascii_hexdigit());
                ensure!(fits, "x-api-key has not the form of a key");
                let silent = request.header("xquik-api-contract").is_none();
                ensure!(silent, "the default contract is asked for by saying nothing");
            }
            Self::Bearer => {
                ensure!(request.header("x-api-key").is_none(), "one way to say who asks is enough");
                let key = request.header("authorization").context("no authorization")?;
                let key = key.strip_prefix("Bearer ").context("not a bearer key")?;
                ensure!(!key.is_empty() && key.bytes().all(|c| c.is_ascii_graphic()), "not the form of a bearer key");
            }
        }
        Ok(())
    }
}

/// A path as one step of a JSON pointer (RFC 6901, section 3).
fn escaped(path: &str) -> String {
    path.replace('~', "~0").replace('/', "~1")
}

/// What YAML says, as JSON; contracts use nothing that JSON lacks.
fn json(yaml: &Yaml) -> anyhow::Result<Value> {
    Ok(match yaml {
        Yaml::String(text) => text.as_str().into(),
        Yaml::Integer(number) => (*number).into(),
        Yaml::Real(text) => serde_json::from_str(text)?,
        Yaml::Boolean(is) => (*is).into(),
        Yaml::Null => Value::Null,
        Yaml::Array(all) => all.iter().map(json).collect::<anyhow::Result<_>>()?,
        Yaml::Hash(pairs) => {
            let mut object = Map::new();
            for (key, value) in pairs {
                object.insert(key.as_str().context("a key that is no text")?.to_owned(), json(value)?);
            }
            object.into()
        }
        Yaml::Alias(_) | Yaml::BadValue => bail!("an alias, or a value that YAML does not know"),
    })
}
