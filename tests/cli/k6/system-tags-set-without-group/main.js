// flags: -i 2 --out json=samples.json --tag group=of-the-run --system-tags name,url,status,check
// as system-tags-set
