//! Prints the watch plan as JSON, for the build to bake into `content.js`.
fn main() {
    match serde_json::to_string(&longkey_core::sites::x::WATCH_PLAN) {
        Ok(plan) => println!("{plan}"),
        Err(error) => {
            eprintln!("the watch plan cannot be printed: {error}");
            std::process::exit(1);
        }
    }
}
