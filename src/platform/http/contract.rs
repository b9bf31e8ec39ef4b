//! The document of the API as clients may rely on it: what an answer always carries is required, not optional.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use utoipa::openapi::{self, ObjectBuilder, Schema, schema::Type};

const SCHEMAS: &str = "#/components/schemas/";

/// A string that is one of these words.
#[must_use]
pub fn one_of(words: &[&str]) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.iter().copied()))
        .into()
}

/// The generated document, made as exact as the answers are.
///
/// The generator takes every `Option` for a value that may be absent. In a request it may; an answer always
/// writes it, as `null`. And an object without listed properties may have any, rather than none.
///
/// # Panics
/// When the document is no JSON, which it always is.
#[must_use]
pub fn exact(document: &openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(document).expect("the document is made of JSON");
    let asked = asked(&document);
    let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    else {
        return document;
    };
    let known: BTreeSet<String> = schemas.keys().cloned().collect();
    for (name, schema) in schemas.iter_mut() {
        walk(schema, &mut open_objects);
        if !asked.contains(name) {
            walk(schema, &mut require_all);
        }
        if let Some(row) = name
            .strip_prefix("Page_")
            .filter(|row| known.contains(*row))
        {
            schema["properties"]["items"]["items"] =
                serde_json::json!({ "$ref": format!("{SCHEMAS}{row}") });
        }
    }
    document
}

/// Names of the schemas that requests are made of, with all they are made of.
fn asked(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let operations = document["paths"]
        .as_object()
        .into_iter()
        .flat_map(Map::values)
        .filter_map(Value::as_object)
        .flat_map(Map::values);
    for operation in operations {
        references(&operation["requestBody"], document, &mut found);
        references(&operation["parameters"], document, &mut found);
    }
    found
}

fn references(value: &Value, document: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items
            .iter()
            .for_each(|item| references(item, document, found)),
        Value::Object(map) => {
            let name = map
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix(SCHEMAS));
            if let Some(name) = name
                && found.insert(name.to_owned())
            {
                references(&document["components"]["schemas"][name], document, found);
            }
            map.values()
                .for_each(|value| references(value, document, found));
        }
        _ => {}
    }
}

fn walk(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
        Value::Object(map) => {
            change(map);
            map.values_mut().for_each(|value| walk(value, change));
        }
        _ => {}
    }
}

fn require_all(schema: &mut Map<String, Value>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    let names = properties.keys().cloned().map(Value::String).collect();
    schema.insert("required".to_owned(), Value::Array(names));
}

fn open_objects(schema: &mut Map<String, Value>) {
    let object = match schema.get("type") {
        Some(Value::String(word)) => word == "object",
        Some(Value::Array(words)) => words.iter().any(|word| word == "object"),
        _ => false,
    };
    if object && !schema.contains_key("properties") && !schema.contains_key("additionalProperties")
    {
        schema.insert("additionalProperties".to_owned(), Value::Bool(true));
    }
}
