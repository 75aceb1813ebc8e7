//! What the compiler says about a mistake, one mistake a file; and that the user's own mistakes
//! are told where and as they would be told without the attribute.

#[test]
fn mistakes_are_told_at_the_token_to_change() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*.rs");
}
