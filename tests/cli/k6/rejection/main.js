// flags: -i 2
export default async () => { await null; throw new Error('rejected'); };
