'use strict';
/*
 * wire.js - a connection on which a test decides about every byte.
 *
 * Requests may be pipelined, cut into pieces or malformed. Answers come in
 * order: answer() resolves to the next one, or to null when the server has
 * closed the connection before it was complete.
 */
const net = require('node:net');

const WAIT_MS = 20000;

class Wire {
    constructor(server) {
        this.bytes = Buffer.alloc(0);
        this.answers = [];
        this.waiting = [];
        this.isClosed = false;
        this.socket = net.connect(server.port, '127.0.0.1');
        this.opened = new Promise((resolve) => {
            this.socket.once('connect', () => resolve(true));
            this.socket.once('close', () => resolve(false));
        });
        this.closed = new Promise((resolve) =>
            this.socket.once('close', resolve));
        this.socket.setNoDelay(true);
        this.socket.on('error', () => {});
        this.socket.on('data', (part) => this.take(part));
        this.socket.on('close', () => this.close());
    }

    static async open(server) {
        const wire = new Wire(server);
        if (!await wire.opened)
            throw new Error('no connection');
        return wire;
    }

    write(bytes) {
        if (!this.socket.destroyed)
            this.socket.write(bytes);
    }

    end() {
        this.socket.destroy();
    }

    close() {
        this.isClosed = true;
        this.waiting.splice(0).forEach((resolve) => resolve(null));
    }

    take(part) {
        this.bytes = this.bytes.length
            ? Buffer.concat([this.bytes, part]) : part;
        for (let answer; (answer = this.cut());) {
            const resolve = this.waiting.shift();
            if (resolve)
                resolve(answer);
            else
                this.answers.push(answer);
        }
    }

    /* The first whole answer of what has come. */
    cut() {
        const head = this.bytes.indexOf('\r\n\r\n');
        if (head < 0)
            return null;
        const lines = this.bytes.toString('latin1', 0, head).split('\r\n');
        const headers = Object.fromEntries(lines.slice(1).map((line) => {
            const colon = line.indexOf(':');
            return [line.slice(0, colon).toLowerCase(),
                line.slice(colon + 1).trim()];
        }));
        const end = head + 4 + Number(headers['content-length'] || 0);
        if (this.bytes.length < end)
            return null;
        const text = this.bytes.toString('utf8', head + 4, end);
        this.bytes = this.bytes.subarray(end);
        let json;
        try {
            json = JSON.parse(text);
        } catch {
            json = undefined;
        }
        return { status: Number(lines[0].split(' ')[1]), headers, text, json };
    }

    answer() {
        if (this.answers.length)
            return Promise.resolve(this.answers.shift());
        if (this.isClosed)
            return Promise.resolve(null);
        return new Promise((resolve, reject) => {
            const late = setTimeout(() => {
                reject(new Error('no answer'));
                this.end();
            }, WAIT_MS);
            this.waiting.push((answer) => {
                clearTimeout(late);
                resolve(answer);
            });
        });
    }
}

/* The bytes of a request; `headers` are lines. */
function request(target, { method, headers = [], body } = {}) {
    const length = body === undefined ? []
        : [`Content-Length: ${Buffer.byteLength(body)}`];
    const head = [`${method || (body === undefined ? 'GET' : 'POST')} ` +
        `${target} HTTP/1.1`, 'Host: test', ...headers, ...length, '', '']
        .join('\r\n');
    return Buffer.concat([Buffer.from(head, 'latin1'),
        Buffer.from(body === undefined ? '' : body)]);
}

module.exports = { Wire, request };
