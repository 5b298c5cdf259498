// flags: --out json=samples.json --system-tags group,scenario
// as setup-and-teardown-groups
