// flags: --out json=samples.json --system-tags check,scenario
// as setup-and-teardown-groups
