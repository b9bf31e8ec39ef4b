//! Every route of the OpenAPI document against the policy table, role by role.

use axum::http::Method;
use fenghuotai::{
    app,
    identity::{
        Role,
        policy::{self, Gate},
    },
};
use serde_json::{Value, json};

use crate::world::World;

/// Every operation of the document: method and path as the table writes them.
fn operations() -> Vec<(Method, String)> {
    let document: Value = serde_json::from_str(&app::openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let path = path
            .strip_prefix("/api/v1")
            .expect("every route has the version")
            .to_owned();
        let methods = item
            .as_object()
            .expect("an item")
            .keys()
            .filter(|method| ["get", "post", "put", "patch", "delete"].contains(&method.as_str()))
            .map(|method| method.to_uppercase());
        methods.map(move |method| {
            (
                Method::from_bytes(method.as_bytes()).expect("a method"),
                path.clone(),
            )
        })
    });
    operations.collect()
}

/// An address for a template: ids that exist nowhere.
fn address(path: &str) -> String {
    let part = |part: &str| match part {
        "{code}" => "2201".to_owned(),
        "{z}" | "{x}" | "{y}" => "0".to_owned(),
        _ if part.starts_with('{') => "01930000-0000-7000-8000-00000000dead".to_owned(),
        _ => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_has_its_line_in_the_table() {
    let missing: Vec<String> = operations()
        .into_iter()
        .filter(|(method, path)| policy::gate(method.as_str(), path).is_none())
        .map(|(method, path)| format!("\"{method} {path}\""))
        .collect();
    assert!(
        missing.is_empty(),
        "add to src/identity/policy.rs: {}",
        missing.join(", ")
    );
}

#[tokio::test]
async fn a_stranger_gets_nowhere_but_through_the_public_doors() {
    let world = World::start().await;
    let mut stranger = world.stranger();
    for (method, path) in operations() {
        let gate = policy::gate(method.as_str(), &path).expect("listed");
        let reply = stranger
            .send(method.clone(), &address(&path), json!({}), &[])
            .await;
        let stopped = reply.code() == "identity.not_signed_in";
        assert_eq!(
            stopped,
            gate != Gate::Public,
            "{method} {path}: {} {}",
            reply.status,
            reply.json
        );
    }
}

#[tokio::test]
async fn every_route_by_every_role() {
    let world = World::start().await;
    for role in Role::ALL {
        let mut client = world.login_as(role, "220102").await;
        for (method, path) in operations() {
            let Some(Gate::Needs(action)) = policy::gate(method.as_str(), &path) else {
                continue;
            };
            let reply = client
                .send(method.clone(), &address(&path), json!({}), &[])
                .await;
            let allowed = action.rule().roles.contains(&role);
            let stopped = reply.status == 403 && reply.code() == "identity.role_forbids";
            assert_eq!(
                stopped, !allowed,
                "{role:?} {method} {path}: {} {}",
                reply.status, reply.json
            );
            assert!(
                reply.status != 401 && !reply.status.is_server_error(),
                "{role:?} {method} {path}: {}",
                reply.json
            );
        }
    }
}
