// As its usage line has it: flags replace the scenario that a threshold is tagged with.
// as launch-health
// flags: --vus 3 --duration 1s
// counts: vary
