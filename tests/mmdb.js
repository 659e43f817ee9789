'use strict';
/*
 * mmdb.js - writes small files in MaxMind's DB format, version 2.0.
 *
 * write(path, networks, options) makes a file of {'192.0.2.0/24': record, ...};
 * a record is made of objects, arrays, texts and numbers (doubles). IPv4
 * networks lie under ::/96, as readers expect it.
 */
const fs = require('node:fs');
const net = require('node:net');

const RECORD_BITS = 24;
const SEPARATOR = Buffer.alloc(16);
const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

const TEXT = 2, DOUBLE = 3, UINT16 = 5, UINT32 = 6, MAP = 7, UINT64 = 9,
    ARRAY = 11;

function control(type, size) {
    const first = (type < 8 ? type << 5 : 0) | Math.min(size, 29);
    const bytes = [first];
    if (type >= 8)
        bytes.push(type - 7);
    if (size >= 29)
        bytes.push(size - 29); /* texts of up to 284 bytes */
    return Buffer.from(bytes);
}

function uint(type, value) {
    const bytes = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / 256))
        bytes.unshift(rest % 256);
    return Buffer.concat([control(type, bytes.length), Buffer.from(bytes)]);
}

function text(value) {
    const bytes = Buffer.from(value);
    return Buffer.concat([control(TEXT, bytes.length), bytes]);
}

function encode(value) {
    if (Buffer.isBuffer(value))
        return value;
    if (typeof value === 'string')
        return text(value);
    if (typeof value === 'number') {
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleBE(value);
        return Buffer.concat([control(DOUBLE, 8), bytes]);
    }
    if (Array.isArray(value))
        return Buffer.concat([control(ARRAY, value.length),
            ...value.map(encode)]);
    const members = Object.entries(value);
    return Buffer.concat([control(MAP, members.length),
        ...members.flatMap(([key, member]) => [text(key), encode(member)])]);
}

/* The bits of a network as an array of 0 and 1. */
function bitsOf(network) {
    const [ip, length] = network.split('/');
    let groups;
    if (net.isIPv4(ip)) {
        const bytes = ip.split('.').map(Number);
        groups = [0, 0, 0, 0, 0, 0, bytes[0] * 256 + bytes[1],
            bytes[2] * 256 + bytes[3]];
    } else {
        const [head, tail] = ip.split('::').map((part) =>
            part ? part.split(':').map((group) => parseInt(group, 16)) : []);
        const rest = tail || [];
        groups = [...head,
            ...Array(8 - head.length - rest.length).fill(0), ...rest];
    }
    const bits = groups.flatMap((group) =>
        Array.from({ length: 16 }, (_, i) => group >> (15 - i) & 1));
    return bits.slice(0, Number(length) + (net.isIPv4(ip) ? 96 : 0));
}

/* Nodes are pairs of: null, a node's number, or {data: offset}. */
function insert(nodes, bits, leaf) {
    let at = 0;
    for (const bit of bits.slice(0, -1)) {
        if (typeof nodes[at][bit] !== 'number') {
            nodes[at][bit] = nodes.length;
            nodes.push([null, null]);
        }
        at = nodes[at][bit];
    }
    nodes[at][bits[bits.length - 1]] = leaf;
}

function record(nodes, side) {
    if (side === null)
        return nodes.length;
    return typeof side === 'number' ? side
        : nodes.length + SEPARATOR.length + side.data;
}

function metadata(nodes) {
    return encode({
        binary_format_major_version: uint(UINT16, 2),
        binary_format_minor_version: uint(UINT16, 0),
        build_epoch: uint(UINT64, 1700000000),
        database_type: 'Test-City',
        description: { en: 'Made by a test' },
        ip_version: uint(UINT16, 6),
        languages: ['en'],
        node_count: uint(UINT32, nodes.length),
        record_size: uint(UINT16, RECORD_BITS),
    });
}

function build(networks) {
    const nodes = [[null, null]];
    const data = [];
    let offset = 0;
    for (const [network, value] of Object.entries(networks)) {
        const bytes = encode(value);
        insert(nodes, bitsOf(network), { data: offset });
        data.push(bytes);
        offset += bytes.length;
    }
    const tree = Buffer.alloc(nodes.length * RECORD_BITS / 4);
    nodes.forEach((sides, i) => sides.forEach((side, k) =>
        tree.writeUIntBE(record(nodes, side), (2 * i + k) * 3, 3)));
    return Buffer.concat([tree, SEPARATOR, ...data, MARKER, metadata(nodes)]);
}

/* The file appears as a whole, in place of one of that name. */
function write(path, networks) {
    fs.writeFileSync(path + '.new', build(networks));
    fs.renameSync(path + '.new', path);
}

module.exports = { build, write };
