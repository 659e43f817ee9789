'use strict';
/*
 * boot.js - what Node is started with: reads its settings and the files of the
 * host from the socket, descriptor 3, and hands over to host.js.
 */
const fs = require('node:fs');
const Module = require('node:module');

const SOCKET = 3;

function read(length) {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length;) {
        const got = fs.readSync(SOCKET, bytes, at, length - at, null);
        if (got === 0)
            process.exit(0);
        at += got;
    }
    return bytes;
}

const first = JSON.parse(read(read(4).readUInt32LE(0)));
const loaded = new Map();

function load(name) {
    if (!loaded.has(name)) {
        const module = new Module(`jsplugins/${name}`);
        loaded.set(name, module);
        module.require = (wanted) => wanted.startsWith('./')
            ? load(wanted.slice(2)) : require(wanted);
        module._compile(first.files[name], `jsplugins/${name}`);
    }
    return loaded.get(name).exports;
}

load('host.js').start(SOCKET, first.settings);
