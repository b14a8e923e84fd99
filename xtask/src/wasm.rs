//! From Rust to the optimised WASM modules of the extension, with their JavaScript glue.
//!
//! Every file in `extension/src/bin` becomes one module. Nothing is decided here about where a module is used.

use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::{layout, node, process};

/// The target that browsers run.
const TARGET: &str = "wasm32-unknown-unknown";

/// Named one by one: `--all-features` makes wasm-opt write imports that Chromium refuses.
const OPTIMISE: &[&str] = &[
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// A finished module.
pub(crate) struct Module {
    /// The file's name in `extension/src/bin`, without its ending.
    pub(crate) name: String,
    /// The size as Cargo left it.
    pub(crate) raw: u64,
    /// Holds `<name>.js`, `<name>_bg.wasm` and the glue's snippets, if any.
    pub(crate) folder: PathBuf,
}

impl Module {
    /// The optimised WASM.
    pub(crate) fn wasm(&self) -> PathBuf {
        self.folder.join(format!("{}_bg.wasm", self.name))
    }
}

/// Compiles, binds and optimises every module whose source has changed.
pub(crate) fn modules() -> Result<Vec<Module>> {
    let paths = Paths::of_this_machine()?;
    compile(&paths)?;
    names()?.into_iter().map(|name| finish(name, &paths)).collect()
}

/// The modules' names, in the order of the alphabet.
fn names() -> Result<Vec<String>> {
    let folder = layout::root().join("extension/src/bin");
    let mut names = Vec::new();
    for entry in folder.read_dir().with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "rs")
            && let Some(stem) = path.file_stem()
        {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    if names.is_empty() {
        bail!("{} holds no module", folder.display());
    }
    Ok(names)
}

/// The folders of this machine that the compiler would write into a module, and what stands for them instead.
///
/// Panic messages name source files: without this a module tells where it was built, and differs from machine to machine.
struct Paths(Vec<(String, String)>);

impl Paths {
    fn of_this_machine() -> Result<Self> {
        let root = layout::root();
        let ask = |argument: &[&str]| process::output(Command::new("rustc").current_dir(&root).args(argument));
        let sysroot = ask(&["--print", "sysroot"])?.trim().to_owned();
        let verbose = ask(&["-vV"])?;
        let commit =
            verbose.lines().find_map(|line| line.strip_prefix("commit-hash: ")).context("rustc -vV names no commit")?;
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        // rustc takes the last prefix that fits, so the longer ones stand behind the shorter ones.
        Ok(Self(vec![
            (text(layout::cargo_home()), "cargo".to_owned()),
            (text(root.clone()), "longkey".to_owned()),
            (text(layout::target()), "longkey/target".to_owned()),
            (sysroot.clone(), "rust".to_owned()),
            // What the compiled standard library says of itself, whether or not its source is installed.
            (format!("{sysroot}/lib/rustlib/src/rust"), format!("/rustc/{commit}")),
        ]))
    }

    fn flags(&self) -> String {
        let paths = self.0.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
        // As in .cargo/config.toml, whose flags these replace.
        let compact = ["--cfg".to_owned(), "sha2_backend_soft=\"compact\"".to_owned()];
        paths.chain(compact).collect::<Vec<_>>().join("\x1f")
    }

    /// The first of the folders that is still named in the bytes.
    fn left_in(&self, bytes: &[u8]) -> Option<&str> {
        self.0
            .iter()
            .map(|(from, _)| from.as_str())
            .find(|from| bytes.windows(from.len()).any(|window| window == from.as_bytes()))
    }
}

fn compile(paths: &Paths) -> Result<()> {
    process::run(
        process::cargo()
            .args(["build", "--quiet", "--locked", "--release", "--target", TARGET])
            .args(["-p", "longkey-extension", "--bins"])
            .env("CARGO_ENCODED_RUSTFLAGS", paths.flags()),
    )
}

fn finish(name: String, paths: &Paths) -> Result<Module> {
    let compiled = layout::target().join(TARGET).join("release").join(format!("{name}.wasm"));
    let bytes = std::fs::read(&compiled).with_context(|| compiled.display().to_string())?;
    let module = Module { raw: bytes.len() as u64, folder: layout::kept().join("wasm").join(&name), name };
    let key = key(&bytes);
    let note = module.folder.join(".made-from");
    if std::fs::read_to_string(&note).is_ok_and(|kept| kept == key) {
        return Ok(module);
    }
    if module.folder.exists() {
        std::fs::remove_dir_all(&module.folder)?;
    }
    std::fs::create_dir_all(&module.folder)?;
    bind(&compiled, &module).with_context(|| format!("wasm-bindgen on {}", module.name))?;
    // Kept under a name that no package takes in, for whoever asks what the optimiser changed.
    let bound = module.folder.join(".bound.wasm");
    std::fs::rename(module.wasm(), &bound)?;
    optimise(&bound, &module.wasm())?;
    shrink(&module.folder.join(format!("{}.js", module.name)))?;
    let optimised = std::fs::read(module.wasm())?;
    if let Some(path) = paths.left_in(&optimised) {
        bail!("{} still names the build folder {path}", module.wasm().display());
    }
    // Last, so that an interrupted run is never taken for a finished one.
    std::fs::write(note, key)?;
    Ok(module)
}

/// What a finished module depends on: the compiled bytes, this recipe and the tools' versions.
fn key(bytes: &[u8]) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(bytes);
    hasher.write(include_bytes!("wasm.rs"));
    hasher.write(include_bytes!("../package.json"));
    hasher.write(include_bytes!("../../Cargo.toml"));
    format!("{:016x} {}", hasher.finish(), bytes.len())
}

fn bind(compiled: &Path, module: &Module) -> Result<()> {
    Bindgen::new()
        .input_path(compiled)
        .out_name(&module.name)
        .web(true)?
        .typescript(false)
        // The loader says where the module is, so that the background can instantiate it on demand.
        .omit_default_module_path(true)
        // After a trap the loader has to be able to drop the instance and to make another.
        .reset_state_function(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&module.folder)
}

/// The glue that wasm-bindgen wrote, in half its bytes.
fn shrink(glue: &Path) -> Result<()> {
    let options = ["--module", "--ecma", "2022", "--compress", "--mangle", "--comments", "false", "--output"];
    process::run(node::tool("terser/bin/terser")?.arg(glue).args(options).arg(glue)).context("making the glue small")
}

fn optimise(bound: &Path, wasm: &Path) -> Result<()> {
    process::run(node::tool("binaryen/bin/wasm-opt")?.args(OPTIMISE).arg(bound).arg("-o").arg(wasm)).context("wasm-opt")
}
