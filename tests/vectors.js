#!/usr/bin/env node
'use strict';
/*
 * vectors.js - replays the recorded request/answer vectors against tallyd.
 *
 *   vectors.js --vectors DIR [--now-header] [--only AREA-NN] [-v]
 *
 * DIR holds the folder countly/ and has ../tools/replay.js beside it.
 * TALLYD names the binary. Its clock is libfaketime's, or with --now-header
 * (a build with -Dnow_header=true) the X-Tally-Now header of each request.
 * Nothing may be skipped.
 */
const childProcess = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const client = require('./client.js');

const FAKETIME = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu',
    '/usr/lib', '/usr/lib64'].map((dir) =>
    path.join(dir, 'faketime', 'libfaketimeMT.so.1'));
/* Names that iso-codes had when the vectors were recorded, and has now. */
const RENAMED = [[/"(name|country)":( *)"Turkey"/g, '"$1":$2"Türkiye"']];
const CONFIG_MS = 5000;
const RELOADED = /configuration read/g;

function usage(text) {
    console.error(text);
    console.error('usage: vectors.js --vectors DIR [--now-header]' +
        ' [--only AREA-NN] [-v]');
    process.exit(2);
}

function parse(args) {
    const options = { only: '' };
    const takesValue = { '--vectors': 'vectors', '--only': 'only' };
    const flags = { '--now-header': 'nowHeader', '-v': 'verbose' };
    for (let i = 0; i < args.length; i++) {
        if (flags[args[i]])
            options[flags[args[i]]] = true;
        else if (takesValue[args[i]] && i + 1 < args.length)
            options[takesValue[args[i]]] = args[++i];
        else
            usage('unknown argument ' + args[i]);
    }
    if (!options.vectors)
        usage('--vectors is needed');
    return options;
}

/* Called by the replayer: writes the settings, tells the server and waits
 * until it says that they are in force. */
async function configure(file, pid, log, json) {
    const reloads = () =>
        (fs.readFileSync(log, 'utf8').match(RELOADED) || []).length;
    const before = reloads();
    fs.writeFileSync(file, client.configText(JSON.parse(json)));
    process.kill(Number(pid), 'SIGHUP');
    const end = Date.now() + CONFIG_MS;
    while (reloads() === before) {
        if (Date.now() > end)
            throw new Error('no "configuration read" after SIGHUP');
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

function faketimeEnv(clockFile) {
    const library = FAKETIME.find((file) => fs.existsSync(file));
    if (!library)
        throw new Error('libfaketime is missing (package faketime)');
    fs.writeFileSync(clockFile, '@2026-01-01 00:00:00.5\n');
    return { TZ: 'UTC', LD_PRELOAD: library, FAKETIME_NO_CACHE: '1',
        FAKETIME_TIMESTAMP_FILE: clockFile, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

function quote(text) {
    return "'" + text.replaceAll("'", "'\\''") + "'";
}

function configCommand(server, file) {
    return [process.execPath, __filename, '--configure', file,
        String(server.pid), server.stderrPath].map(quote).join(' ') +
        " '%CONFIG%'";
}

async function adminId(server) {
    const answer = await client.send(server, { path: '/o/users/me',
        query: { api_key: client.ADMIN_KEY },
        headers: { 'X-Tally-Now': '1767225600' } });
    if (answer.status !== 200 || !answer.json._id)
        throw new Error(`/o/users/me: ${answer.status} ${answer.text}`);
    return answer.json._id;
}

/* Runs the replayer, shows what it says and returns it with its status. */
function replay(args) {
    return new Promise((resolve, reject) => {
        const child = childProcess.spawn(process.execPath, args, {
            stdio: ['ignore', 'pipe', 'inherit'] });
        let text = '';
        child.stdout.on('data', (part) => {
            text += part;
            process.stdout.write(part);
        });
        child.once('error', reject);
        child.once('exit', (status) => resolve({ status, text }));
    });
}

/* What is wrong with a run of the replayer, or nothing. */
function judge({ status, text }) {
    const sums = /^(\d+) of (\d+) vectors equal,.* (\d+) vectors skipped/m
        .exec(text);
    if (!sums)
        return `the replayer ended with status ${status} and no summary`;
    const [equal, all, skipped] = sums.slice(1).map(Number);
    if (all === 0)
        return 'no vector was replayed';
    if (skipped > 0)
        return `${skipped} vectors were skipped`;
    if (equal < all || status !== 0)
        return `${all - equal} of ${all} vectors differ`;
    return '';
}

/* Puts the vectors into a folder of their own, under today's names. */
function copyVectors(from, to) {
    fs.mkdirSync(to);
    for (const file of fs.readdirSync(from)) {
        let text = fs.readFileSync(path.join(from, file), 'utf8');
        for (const [before, now] of RENAMED)
            text = text.replace(before, now);
        fs.writeFileSync(path.join(to, file), text);
    }
    return to;
}

async function replayAgainst(server, options, dir) {
    const tools = path.join(options.vectors, '..', 'tools', 'replay.js');
    const args = [tools, '--url', server.url, '--api-key', client.ADMIN_KEY,
        '--admin-id', await adminId(server),
        '--dir', copyVectors(path.join(options.vectors, 'countly'),
            path.join(dir, 'vectors')),
        ...(options.only ? ['--only', options.only] : []),
        '--config-cmd', configCommand(server, path.join(dir, 'tallyd.conf'))];
    if (options.nowHeader)
        args.push('--now-header', 'X-Tally-Now', '--timeout', '20000');
    else
        args.push('--faketime-file', path.join(dir, 'clock.txt'));
    if (options.verbose)
        args.push('-v');
    return judge(await replay(args));
}

async function main(options) {
    const dir = client.makeDir();
    const clockFile = path.join(dir, 'clock.txt');
    let server;
    let wrong = '';
    try {
        server = await client.start({
            dir, config: {},
            env: options.nowHeader ? {} : faketimeEnv(clockFile) });
        wrong = await replayAgainst(server, options, dir);
        await server.stop();
        const checked = client.run('check', '--data', client.dataDir(dir));
        if (!wrong && checked.status !== 0)
            wrong = 'tallyd check: ' + checked.stdout + checked.stderr;
    } catch (error) {
        wrong = wrong || error.message;
    } finally {
        if (server)
            await server.kill();
        if (wrong && server)
            console.error('The server said:\n' + server.stderr().slice(-4000));
        client.removeDir(dir);
    }
    console.log(wrong ? 'FAILED: ' + wrong : 'All vectors are equal.');
    process.exitCode = wrong ? 1 : 0;
}

if (process.argv[2] === '--configure')
    configure(...process.argv.slice(3)).catch((error) => {
        console.error(error.message);
        process.exit(1);
    });
else
    main(parse(process.argv.slice(2)));
