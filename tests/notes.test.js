'use strict';
/*
 * notes.test.js - notes on graphs: who may write, see and change them, what a
 * read of them asks for, and that they go with their app.
 */
const assert = require('node:assert');
const { after, before, test } = require('node:test');
const client = require('./client.js');

const NOW = Date.now();

let server;
let dir;
let app;
let other;
let keys;

function call(path, key, query = {}) {
    return client.send(server, { path, query: { api_key: key, ...query } });
}

function note(more = {}) {
    return { app_id: app._id, note: 'Release', ts: NOW, noteType: 'public',
        color: '1', ...more };
}

async function save(key, args, query = {}) {
    const answer = await call('/i/notes/save', key, { args, ...query });
    assert.deepStrictEqual([answer.status, answer.json],
        [200, { result: 'Success' }]);
}

async function refused(path, key, query, status, result) {
    const answer = await call(path, key, query);
    assert.deepStrictEqual([answer.status, answer.json], [status, { result }]);
}

async function list(key, query = {}) {
    const answer = await call('/o/notes', key,
        { app_id: app._id, raw: 1, ...query });
    assert.strictEqual(answer.status, 200, answer.text);
    return answer.json;
}

async function texts(key, query) {
    return (await list(key, query)).aaData.map((row) => row.note).sort();
}

async function member(name, permission) {
    const made = await client.manage(server, '/i/users/create', {
        full_name: name, username: name, email: `${name}@x.y`,
        password: 'Secret1.word', permission });
    keys[name] = made.api_key;
}

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
    app = await client.createApp(server, { name: 'One' });
    other = await client.createApp(server, { name: 'Two' });
    keys = { admin: client.ADMIN_KEY };
    const all = { all: true, allowed: {} };
    const may = { [app._id]: all };
    await member('writer', { _: { a: [], u: [[app._id]] },
        c: may, r: may, u: may, d: may });
    await member('reader', { _: { a: [], u: [[app._id]] }, r: may });
    await member('nobody', {});
});

after(async () => {
    await client.killAll();
    client.removeDir(dir);
});

test('a note is saved, found by every filter and edited', async () => {
    await save(keys.writer, note({ category: 'x', emails: [] }));
    const all = await list(keys.reader, { sEcho: '3' });
    const [row] = all.aaData;
    assert.match(row._id, /^[0-9a-f]{24}$/);
    assert.ok(row.created_at >= NOW - 2000 && row.updated_at >= NOW - 2000);
    const { _id, created_at, updated_at, owner, ...rest } = row;
    assert.deepStrictEqual({ ...all, aaData: [rest] }, {
        sEcho: '3', iTotalRecords: 1, iTotalDisplayRecords: 1,
        aaData: [{ note: 'Release', ts: NOW, noteType: 'public', color: '1',
            category: 'x', emails: [], indicator: 'A', app_id: app._id,
            app_name: 'One', owner_name: 'writer' }] });
    const finds = async (query, count) => assert.strictEqual(
        (await list(keys.reader, query)).iTotalRecords, count,
        JSON.stringify(query));
    await finds({ category: 'x' }, 1);
    await finds({ category: ['y', 'x'] }, 1);
    await finds({ category: ['y'] }, 0);
    await finds({ note_type: 'public' }, 1);
    await finds({ note_type: 'private' }, 0);
    await finds({ sSearch: 'rELE' }, 1);
    await finds({ sSearch: 'z' }, 0);
    await finds({ period: 'yesterday' }, 0);
    await finds({ period: 'hour' }, 1);
    await finds({ notes_apps: [app._id, app._id] }, 1);
    await finds({ notes_apps: [other._id] }, 0);
    await finds({ notes_apps: [] }, 0);

    await save(keys.writer, note({ _id, note: 'Again', noteType: 'private' }));
    assert.deepStrictEqual(await texts(keys.writer), ['Again']);
    assert.deepStrictEqual(await texts(keys.reader), []);
    const answer = await client.read(server, app, 'notes', {
        api_key: keys.writer, raw: 1 });
    assert.deepStrictEqual(answer.aaData.map((one) => one.indicator), ['A']);
    await refused('/i/notes/delete', keys.admin,
        { app_id: app._id, note_id: 'x' }, 403,
        'Not allow to delete this note');
    const gone = await call('/i/notes/delete', keys.writer,
        { app_id: app._id, note_id: _id });
    assert.deepStrictEqual(gone.json, { result: 'Success' });
    assert.deepStrictEqual(await texts(keys.writer), []);
});

test('pages begin with the latest', async () => {
    for (let i = 0; i < 5; i++)
        await save(keys.admin, note({ note: 'n' + i, ts: NOW - i }));
    const page = await list(keys.admin,
        { iDisplayStart: 1, iDisplayLength: 2 });
    assert.deepStrictEqual([page.iTotalRecords,
        page.aaData.map((row) => row.note), page.aaData[0].indicator],
    [5, ['n1', 'n2'], 'B']);
});

test('rights and forms are looked at', async () => {
    const text = 'User does not have right';
    await refused('/i/notes/save', keys.reader, { args: note() }, 401, text);
    await refused('/i/notes/save', keys.writer,
        { args: note({ app_id: other._id }), app_id: app._id }, 401, text);
    await refused('/o/notes', keys.nobody, { app_id: app._id }, 401, text);
    await refused('/i/notes/save', keys.writer, { args: note({ ts: 'x' }) },
        400, 'Invalid parameter "ts"');
    await refused('/i/notes/save', keys.writer, { app_id: app._id },
        400, 'Invalid parameter "args"');
    await refused('/o/notes', keys.reader,
        { app_id: app._id, notes_apps: '{' }, 400,
        'Invalid parameter "notes_apps"');
    await refused('/i/notes/x', keys.admin, {}, 400,
        'Invalid path, must be one of /save or /delete');
    const [mine] = (await list(keys.admin)).aaData;
    await refused('/i/notes/save', keys.writer, { args: note({ _id: mine._id }) },
        403, 'Not allow to edit note');
    await refused('/i/notes/delete', keys.writer,
        { app_id: app._id, note_id: mine._id }, 403,
        'Not allow to delete this note');
    assert.strictEqual((await list(keys.admin)).iTotalRecords, 5);
});

test('a token for one app shows no notes of another', async () => {
    await save(keys.admin, note({ app_id: other._id, note: 'of Two' }));
    const query = { app_id: app._id, notes_apps: [app._id, other._id] };
    assert.ok((await texts(keys.admin, query)).includes('of Two'));
    for (const multi of ['true', 'false']) {
        const token = (await call('/i/token/create', keys.admin,
            { apps: app._id, multi })).json.result;
        const answer = await client.send(server, { path: '/o/notes',
            query: { auth_token: token, ...query } });
        assert.strictEqual(answer.status, 200, answer.text);
        assert.strictEqual(answer.json.iTotalRecords, 5);
    }
});

test('notes survive a crash and go with the data of their app', async () => {
    await server.kill();
    server = await client.start({ dir });
    assert.strictEqual((await list(keys.admin)).iTotalRecords, 5);
    await client.manage(server, '/i/apps/reset',
        { app_id: app._id, period: 'reset' });
    assert.strictEqual((await list(keys.admin)).iTotalRecords, 0);
    assert.strictEqual(
        (await list(keys.admin, { app_id: other._id })).iTotalRecords, 1);
});
