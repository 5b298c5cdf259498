// flags: --config config.json
// file config.json: {"vus": 2, "iterations": 6, "tags": {"from": "config"}, "thresholds": {"iterations{from:config}": ["count==6"]}}
export default () => 1;
