// text: shown
// as setup-and-teardown-groups
