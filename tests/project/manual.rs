//! The manual page of `sipreg` says what `sipreg --help` says.

use std::fs;

#[test]
fn each_option_and_exit_status_of_sipreg_is_in_its_manual_page() {
    let root = crate::support::root();
    let source = fs::read_to_string(root.join("c-examples/sipreg.c")).unwrap();
    let page = fs::read_to_string(root.join("man/sipreg.1")).unwrap().replace("\\-", "-");
    let (_, table) = source.split_once("const struct option table[] = {").unwrap();
    let options = table.split("{ \"").skip(1).filter_map(|row| row.split('"').next());
    let options: Vec<_> = options.take_while(|name| !name.contains('\n')).collect();
    assert!(options.contains(&"help") && options.len() > 15, "{options:?}");
    for option in options {
        let heading = |line: &str| {
            let name = line.trim_start_matches(".BI ").trim_start_matches(".B ");
            name.strip_prefix("--").is_some_and(|name| {
                name.split(['\\', ' ']).next().is_some_and(|name| name == option)
            })
        };
        assert!(page.lines().any(heading), "man/sipreg.1 has no --{option}");
    }
    let (_, codes) = source.split_once("enum { DONE = 0").unwrap();
    for code in codes.lines().next().unwrap().split(" = ").skip(1) {
        let code = code.split([',', ' ']).next().unwrap();
        let is_there = code.starts_with('-') || page.contains(&format!(".TP\n{code}\n"));
        assert!(is_there, "man/sipreg.1 does not explain the status {code}");
    }
}
