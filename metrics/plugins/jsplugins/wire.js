'use strict';
/*
 * wire.js - messages to and from the server: each is JSON behind its length,
 * four bytes, the lowest first. What is sent within one turn of the event loop
 * is written at once.
 */
const HEAD = 4;

class Wire {
    constructor(socket, onMessage) {
        this.socket = socket;
        this.onMessage = onMessage;
        this.parts = [];
        this.pieces = [];
        this.length = 0;
        this.needed = HEAD;
        socket.on('data', (bytes) => this.take(bytes));
    }

    send(message) {
        const body = Buffer.from(JSON.stringify(message));
        const head = Buffer.alloc(HEAD);
        head.writeUInt32LE(body.length);
        if (this.parts.length === 0)
            setImmediate(() => this.flush());
        this.parts.push(head, body);
    }

    flush() {
        if (this.parts.length > 0)
            this.socket.write(Buffer.concat(this.parts));
        this.parts = [];
    }

    /* Pieces of a message are put together once, when all are there. */
    take(bytes) {
        this.pieces.push(bytes);
        this.length += bytes.length;
        if (this.length < this.needed)
            return;
        const all = Buffer.concat(this.pieces);
        let at = 0;
        this.needed = HEAD;
        while (all.length - at >= HEAD) {
            const end = at + HEAD + all.readUInt32LE(at);
            if (end > all.length) {
                this.needed = end - at;
                break;
            }
            const text = all.toString('utf8', at + HEAD, end);
            at = end;
            this.onMessage(JSON.parse(text));
        }
        this.pieces = [all.subarray(at)];
        this.length = all.length - at;
    }
}

module.exports = { Wire };
