'use strict';
/*
 * places.test.js - where clients are, by a file that this test makes.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const client = require('./client.js');
const mmdb = require('./mmdb.js');

const BERLIN = {
    country: { iso_code: 'DE', names: { en: 'Germany' } },
    subdivisions: [{ iso_code: 'BE' }],
    city: { names: { de: 'Berlin-Mitte', en: 'Berlin' } },
    location: { latitude: 52.52, longitude: 13.405 },
};
const NETWORKS = {
    '192.0.2.0/25': BERLIN,
    '192.0.2.128/25': { country: { iso_code: 'DE' },
        city: { names: { en: 'Sankt Augustin St. Nord' } } },
    '198.51.100.0/24': { country: { iso_code: 'TR' },
        city: { names: { en: 'İzmir' } } },
    '203.0.113.0/24': { continent: { code: 'EU' } },
    '203.0.114.0/24': { country: { iso_code: 3 }, city: 'x' },
    '2001:db8::/32': { country: { iso_code: 'JP' },
        city: { names: { en: 'Tokyo' } } },
};
const DAMAGES = 16; /* lines of one kind that the journal writes at once */
const UNKNOWN = ['Unknown', 'Unknown'];

let dir, file, server, app;
const dirs = [];
let devices = 0;

async function until(pattern, times = 1) {
    for (let i = 0; i < 200; i++) {
        if (server.stderr().split(pattern).length > times)
            return;
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.fail(`no ${pattern} in ${server.stderr()}`);
}

async function begin(params, headers) {
    const device = `d${++devices}`;
    const answer = await client.send(server, { path: '/i', headers, query: {
        app_key: app.key, device_id: device, begin_session: 1, ...params } });
    assert.strictEqual(answer.status, 200, answer.text);
    return device;
}

async function placeOf(device) {
    const users = await client.read(server, app, 'latest_users');
    const user = users.find((one) => one.did === device);
    return [user.cc, user.cty];
}

/* Country and city of a new user who begins a session like this. */
async function beginAt(params, headers) {
    return placeOf(await begin(params, headers));
}

/* In a folder of its own. */
async function start(config) {
    dir = client.makeDir();
    dirs.push(dir);
    file = path.join(dir, 'places.mmdb');
    mmdb.write(file, NETWORKS);
    server = await client.start({ dir,
        config: { geoip: { file }, ...config } });
    app = await client.createApp(server);
}

before(() => start());

after(async () => {
    await client.killAll();
    dirs.forEach(client.removeDir);
});

describe('a session without a country', () => {
    for (const [ip, place] of [
        ['192.0.2.1', ['DE', 'Berlin']],
        ['192.0.2.200', ['DE', 'Sankt Augustin St: Nord']],
        ['198.51.100.255', ['TR', 'İzmir']],
        ['2001:db8:1::1', ['JP', 'Tokyo']],
        ['::ffff:192.0.2.1', ['DE', 'Berlin']],
        ['[2001:db8::7]:443', ['JP', 'Tokyo']],
        ['203.0.113.1', UNKNOWN], /* a record without a country */
        ['203.0.114.1', UNKNOWN], /* one with a country of another type */
        ['8.8.8.8', UNKNOWN],
        ['2001:db9::1', UNKNOWN],
        ['localhost', UNKNOWN],
        ['256.1.1.1', UNKNOWN],
        ['192.0.2.1\0', UNKNOWN],
    ])
        test(`is at the place of ip_address ${JSON.stringify(ip)}`,
            async () => assert.deepStrictEqual(
                await beginAt({ ip_address: ip }), place));

    test('is at the place of the client, unless ip_address is another',
        async () => {
            const headers = { 'X-Forwarded-For': '198.51.100.9, 10.0.0.1' };
            assert.deepStrictEqual(await beginAt({}, headers),
                ['TR', 'İzmir']);
            assert.deepStrictEqual(
                await beginAt({ ip_address: '192.0.2.1' }, headers),
                ['DE', 'Berlin']);
            assert.deepStrictEqual(
                await beginAt({ ip_address: 'nobody' }, headers), UNKNOWN);
            assert.deepStrictEqual(
                await beginAt({ ip_address: '' }, headers), ['TR', 'İzmir']);
            assert.deepStrictEqual(await beginAt({}), UNKNOWN);
        });
});

test('what the client says wins, and says where the rest belongs', async () => {
    const ip_address = '192.0.2.1';
    assert.deepStrictEqual(
        await beginAt({ ip_address, country_code: 'FR', city: 'Lyon' }),
        ['FR', 'Lyon']);
    assert.deepStrictEqual(await beginAt({ ip_address, city: 'Spandau' }),
        ['DE', 'Spandau']);
    assert.deepStrictEqual(await beginAt({ ip_address, country_code: 'DE' }),
        ['DE', 'Berlin']);
    assert.deepStrictEqual(await beginAt({ ip_address, country_code: 'FR' }),
        ['FR', 'Unknown']);
    assert.deepStrictEqual(await beginAt({ ip_address, location: '1,2' }),
        ['DE', 'Berlin']);
    assert.deepStrictEqual(await beginAt({ ip_address, location: '' }),
        UNKNOWN);
});

test('other requests leave the place as it is', async () => {
    const device = await begin({ ip_address: '192.0.2.1' });
    await client.send(server, { path: '/i', query: { app_key: app.key,
        device_id: device, session_duration: 5, ip_address: '198.51.100.1' } });
    assert.deepStrictEqual(await placeOf(device), ['DE', 'Berlin']);
});

test('cities count in the country of the app alone', async () => {
    const own = await client.createApp(server, { country: 'TR' });
    for (const [device, ip_address] of [['a', '192.0.2.1'],
        ['b', '198.51.100.1'], ['c', '198.51.100.2']])
        await client.send(server, { path: '/i', query: { app_key: own.key,
            device_id: device, begin_session: 1, ip_address } });
    const cities = await client.read(server, own, 'cities');
    assert.deepStrictEqual(cities.meta.cities, ['İzmir']);
    const countries = await client.read(server, own, 'users');
    assert.deepStrictEqual(countries.meta.countries.sort(), ['DE', 'TR']);
});

test('items of a bulk have places of their own, or the client\'s', async () => {
    const headers = { 'X-Real-IP': '2001:db8::1' };
    const requests = ['a', 'b', 'c'].map((name, i) => ({
        device_id: `bulk-${name}`, begin_session: 1,
        ip_address: ['192.0.2.1', undefined, 'bad'][i] }));
    const answer = await client.send(server, { path: '/i/bulk', headers,
        form: { app_key: app.key, requests } });
    assert.strictEqual(answer.status, 200);
    assert.deepStrictEqual(await placeOf('bulk-a'), ['DE', 'Berlin']);
    assert.deepStrictEqual(await placeOf('bulk-b'), ['JP', 'Tokyo']);
    assert.deepStrictEqual(await placeOf('bulk-c'), UNKNOWN);
});

describe('the file', () => {
    test('is read again on SIGHUP', async () => {
        mmdb.write(file, { '192.0.2.0/24': { country: { iso_code: 'NL' } } });
        assert.deepStrictEqual(await beginAt({ ip_address: '192.0.2.1' }),
            ['DE', 'Berlin']);
        server.child.kill('SIGHUP');
        await until(/configuration read/);
        assert.deepStrictEqual(await beginAt({ ip_address: '192.0.2.1' }),
            ['NL', 'Unknown']);
    });

    test('stays when the new one is damaged or gone', async () => {
        fs.writeFileSync(file + '.new', 'no database');
        fs.renameSync(file + '.new', file);
        server.child.kill('SIGHUP');
        await until(/cannot read geoip\.file.*places\.mmdb: not a whole/);
        assert.deepStrictEqual(await beginAt({ ip_address: '192.0.2.1' }),
            ['NL', 'Unknown']);
        fs.rmSync(file);
        server.child.kill('SIGHUP');
        await until(/cannot read geoip\.file.*No such file/);
        assert.deepStrictEqual(await beginAt({ ip_address: '192.0.2.1' }),
            ['NL', 'Unknown']);
        mmdb.write(file, NETWORKS);
        server.child.kill('SIGHUP');
        await until(/configuration read/, 4);
        assert.deepStrictEqual(await beginAt({ ip_address: '192.0.2.1' }),
            ['DE', 'Berlin']);
    });

    test('may be configured away and back', async () => {
        fs.writeFileSync(path.join(dir, 'tallyd.conf'), '');
        server.child.kill('SIGHUP');
        await until(/configuration read/, 5);
        assert.deepStrictEqual(await beginAt({ ip_address: '192.0.2.1' }),
            UNKNOWN);
        fs.writeFileSync(path.join(dir, 'tallyd.conf'),
            `geoip.file = ${file}\napi.city_data = false\n`);
        server.child.kill('SIGHUP');
        await until(/configuration read/, 6);
        assert.deepStrictEqual(await beginAt({ ip_address: '192.0.2.1' }),
            ['DE', 'Unknown']);
    });

    test('must be there and whole at the start', async () => {
        await server.stop();
        const whole = mmdb.build(NETWORKS);
        for (const [bytes, reason] of [
            [null, /No such file/],
            [Buffer.alloc(0), /not a whole MaxMind DB file/],
            [whole.subarray(0, whole.length / 2), /not a whole/],
            [whole.subarray(whole.length / 2), /not a whole/],
        ]) {
            const bad = path.join(dir, 'bad.mmdb');
            if (bytes)
                fs.writeFileSync(bad, bytes);
            const refused = client.launch({ dir, config: {
                geoip: { file: bad } } });
            assert.strictEqual(await client.listening(refused), false);
            assert.strictEqual((await refused.ended).code, 1);
            assert.match(refused.stderr(), reason);
        }
    });
});

test('a file that is damaged inside says something or nothing', async () => {
    await start();
    const whole = mmdb.build(NETWORKS);
    for (let reloads = 1; reloads <= DAMAGES; reloads++) {
        const bytes = Buffer.from(whole);
        bytes[Math.floor(whole.length * reloads / DAMAGES) - 1] ^= 0xff;
        fs.writeFileSync(file + '.new', bytes);
        fs.renameSync(file + '.new', file);
        server.child.kill('SIGHUP');
        await until(/configuration read/, reloads);
        for (const ip_address of ['192.0.2.1', '198.51.100.1', '2001:db8::1'])
            await begin({ ip_address });
    }
    await server.stop();
});

test('only trusted proxies say where a client is, if there is a list',
    async () => {
        await start({ http: { trusted_proxies: '127.0.0.1, 10.0.0.0/8' } });
        assert.deepStrictEqual(await beginAt({}, { 'X-Forwarded-For':
            '2001:db8::1, 192.0.2.1, 10.1.1.1' }), ['DE', 'Berlin']);
        assert.deepStrictEqual(await beginAt({}, { 'X-Forwarded-For':
            ['2001:db8::1', '192.0.2.1', '10.1.1.1'] }), ['DE', 'Berlin']);
        await server.stop();
        await start({ http: { trusted_proxies: '10.0.0.0/8' } });
        assert.deepStrictEqual(await beginAt({},
            { 'X-Forwarded-For': '192.0.2.1' }), UNKNOWN);
        await server.stop();
    });
