//! What a screen reader is given, as lines that can be on record.

use serde_json::Value;

/// The accessibility tree as lines: role, name, description, value, states; ignored nodes and mere text boxes are left out.
pub(super) fn spoken(tree: &Value) -> String {
    let nodes: Vec<&Value> = tree["nodes"].as_array().into_iter().flatten().collect();
    let node = |id: &Value| nodes.iter().find(|it| it["nodeId"] == *id).copied();
    let mut said = String::new();
    let mut open: Vec<(usize, &Value)> = nodes.first().map(|it| (0, *it)).into_iter().collect();
    while let Some((depth, it)) = open.pop() {
        let role = it["role"]["value"].as_str().unwrap_or_default();
        let silent = it["ignored"] == true || matches!(role, "InlineTextBox" | "none" | "generic");
        if !silent {
            let text = |field: &str| it[field]["value"].as_str().unwrap_or_default().to_owned();
            said.push_str(&"  ".repeat(depth));
            said.push_str(role);
            for part in ["name", "description", "value"].map(text).iter().filter(|it| !it.is_empty()) {
                said.push_str(&format!(" {part:?}"));
            }
            for state in it["properties"].as_array().into_iter().flatten() {
                let name = state["name"].as_str().unwrap_or_default();
                let value = &state["value"]["value"];
                if matches!(
                    name,
                    "level" | "live" | "checked" | "pressed" | "expanded" | "disabled" | "focused" | "invalid"
                ) && *value != "false"
                    && *value != false
                {
                    said.push_str(&format!(" {name}={}", value.to_string().trim_matches('"')));
                }
            }
            said.push('\n');
        }
        let below = if silent { depth } else { depth + 1 };
        let children = it["childIds"].as_array().into_iter().flatten().filter_map(node);
        open.extend(children.collect::<Vec<_>>().into_iter().rev().map(|it| (below, it)));
    }
    said
}
