'use strict';
/*
 * collection.js - common.db.collection(): a plugin's own documents, by the
 * calls of MongoDB's driver that plugins use. Each takes a callback, returns a
 * promise, or both.
 *
 * What is done to one collection is done in order, one thing after the other,
 * so that nothing comes between the reading and the writing of an update.
 */
const crypto = require('node:crypto');
const query = require('./query.js');

const OPS_MAX = 50; /* of one order to the server */
const DOCUMENTS_MAX = 100000; /* of one collection, read at once */

/* What the server counts itself: collections without documents. */
const METRICS = new Set(['users', 'countries', 'cities', 'locations',
    'device_details', 'devices', 'carriers', 'app_versions', 'langs',
    'density', 'browser', 'sources', 'sdks', 'consents']);

/* What the server keeps in forms of its own. */
const CORE = new Set(['apps', 'app_users', 'members', 'auth_tokens', 'events',
    'events_data', 'plugins', 'systemlogs', 'sessions', 'notes']);
const CORE_OF_APP = /^app_(users|userviews|viewdata)[0-9a-f]{24}$/;

function newId() {
    const seconds = Math.floor(Date.now() / 1000).toString(16);
    return seconds.padStart(8, '0') + crypto.randomBytes(8).toString('hex');
}

/* Identifiers are texts of 24 hexadecimal digits; this makes one, with or
 * without `new`. */
function ObjectID(id) {
    const text = id === undefined || id === null ? newId() : String(id);
    if (!/^[0-9a-fA-F]{24}$/.test(text))
        throw new Error('an ObjectID has 24 hexadecimal digits');
    const made = new String(text.toLowerCase());
    made.toHexString = () => made.toString();
    made.equals = (other) => String(other) === made.toString();
    return made;
}
ObjectID.isValid = (id) => /^[0-9a-fA-F]{24}$/.test(String(id));

/* A promise that a callback is told of, too. */
function told(promise, callback) {
    if (typeof callback !== 'function')
        return promise;
    promise.then((value) => setImmediate(callback, null, value),
        (error) => setImmediate(callback, error, null));
    return promise.catch(() => undefined);
}

/* Splits (options, callback) of which either may be missing. */
function options(first, callback) {
    return typeof first === 'function' ? [{}, first] : [first || {}, callback];
}

class Cursor {
    constructor(collection, wish, fields) {
        this.source = collection;
        this.wish = wish || {};
        this.fields = fields && (fields.projection || fields.fields) || fields;
        this.order = {};
        this.from = 0;
        this.most = 0;
    }

    sort(order, direction) {
        this.order = typeof order === 'string' ? { [order]: direction || 1 }
            : order;
        return this;
    }

    skip(count) {
        this.from = count;
        return this;
    }

    limit(count) {
        this.most = count;
        return this;
    }

    project(fields) {
        this.fields = fields;
        return this;
    }

    async read() {
        const found = await this.source.inTurn(() =>
            this.source.search(this.wish));
        const documents = query.sorted(found, this.order);
        return documents
            .slice(this.from, this.most ? this.from + this.most : undefined)
            .map((document) => query.projected(document, this.fields));
    }

    toArray(callback) {
        return told(this.read(), callback);
    }

    count(callback) {
        return told(this.read().then((all) => all.length), callback);
    }

    forEach(fn) {
        return this.read().then((all) => all.forEach((one) => fn(one)));
    }

    async *[Symbol.asyncIterator]() {
        yield* await this.read();
    }
}

class Collection {
    constructor(name, store, isMetric) {
        this.name = name;
        this.store = store;
        this.isMetric = isMetric;
        this.last = Promise.resolve();
    }

    inTurn(fn) {
        const turn = this.last.then(fn);
        this.last = turn.catch(() => undefined);
        return turn;
    }

    async byIds(ids) {
        const texts = [];
        for (let at = 0; at < ids.length; at += OPS_MAX)
            texts.push(...await this.store(ids.slice(at, at + OPS_MAX)
                .map((id) => ['get', this.name, id])));
        return texts.filter((text) => text !== null);
    }

    async byPrefix(prefix) {
        const texts = [];
        let after = '';
        for (;;) {
            const [page] = await this.store([['each', this.name, prefix,
                after]]);
            page.documents.forEach(([, text]) => texts.push(text));
            if (texts.length > DOCUMENTS_MAX)
                throw new Error(`more than ${DOCUMENTS_MAX} documents in ` +
                    this.name);
            if (!page.more)
                return texts;
            after = page.documents[page.documents.length - 1][0];
        }
    }

    async search(wish) {
        if (this.isMetric)
            return [];
        const wanted = query.prepare(wish || {});
        const ids = query.idsOf(wanted);
        const texts = ids ? await this.byIds(ids)
            : await this.byPrefix(query.prefixOf(wanted));
        return texts.map((text) => JSON.parse(text))
            .filter((document) => query.finds(document, wanted));
    }

    /* One after the other: what comes behind a failure is not done. */
    async write(documents, erased = []) {
        if (this.isMetric && documents.length > 0)
            throw new Error(`${this.name} is a metric: it is counted by the ` +
                'server, and has no documents');
        const ops = documents.map((document) =>
            ['put', this.name, String(document._id), JSON.stringify(document)])
            .concat(erased.map((document) =>
                ['erase', this.name, String(document._id)]));
        for (let at = 0; at < ops.length; at += OPS_MAX)
            await this.store(ops.slice(at, at + OPS_MAX));
    }

    async add(list) {
        const documents = list.map((one) => {
            if (one._id === undefined || one._id === null)
                one._id = newId();
            return query.plain(one);
        });
        const taken = this.isMetric ? []
            : await this.byIds(documents.map((one) => String(one._id)));
        const ids = new Set(documents.map((one) => String(one._id)));
        if (taken.length > 0 || ids.size < documents.length)
            throw Object.assign(new Error('E11000 duplicate key: ' +
                this.name), { code: 11000 });
        await this.write(documents);
        return documents;
    }

    async change(wish, update, { upsert = false, multi = false }) {
        const wanted = query.prepare(wish || {});
        const change = query.prepare(update);
        const found = (await this.search(wish))
            .slice(0, multi ? undefined : 1);
        const made = found.map((document) =>
            query.updated(document, change, false));
        const result = { acknowledged: true, matchedCount: found.length,
            modifiedCount: found.length, upsertedCount: 0, upsertedId: null };
        if (found.length === 0 && upsert) {
            const seed = query.seedOf(wanted);
            const fresh = query.updated(seed, change, true);
            if (fresh._id === undefined || fresh._id === null)
                fresh._id = change._id || newId();
            made.push(fresh);
            Object.assign(result, { upsertedCount: 1, upsertedId: fresh._id });
        }
        await this.write(made);
        const n = made.length;
        return { ...result, result: { ok: 1, n, nModified: found.length } };
    }

    async take(wish, isOne) {
        const found = (await this.search(wish)).slice(0, isOne ? 1 : undefined);
        await this.write([], found);
        return { acknowledged: true, deletedCount: found.length,
            result: { ok: 1, n: found.length } };
    }

    /* --- what plugins call --- */

    insert(documents, ...rest) {
        const [, callback] = options(...rest);
        const list = Array.isArray(documents) ? documents : [documents];
        return told(this.inTurn(() => this.add(list)).then((ops) => ({
            acknowledged: true, ops, insertedCount: ops.length,
            insertedId: ops.length > 0 ? ops[0]._id : null,
            insertedIds: Object.fromEntries(ops.map((one, i) => [i, one._id])),
            result: { ok: 1, n: ops.length } })), callback);
    }

    insertOne(document, ...rest) {
        return this.insert(document, ...rest);
    }

    insertMany(documents, ...rest) {
        return this.insert(documents, ...rest);
    }

    update(wish, update, ...rest) {
        const [wishes, callback] = options(...rest);
        return told(this.inTurn(() => this.change(wish, update, wishes)),
            callback);
    }

    updateOne(wish, update, ...rest) {
        const [wishes, callback] = options(...rest);
        return this.update(wish, update, { ...wishes, multi: false },
            callback);
    }

    updateMany(wish, update, ...rest) {
        const [wishes, callback] = options(...rest);
        return this.update(wish, update, { ...wishes, multi: true }, callback);
    }

    replaceOne(wish, document, ...rest) {
        return this.updateOne(wish, document, ...rest);
    }

    save(document, ...rest) {
        const [, callback] = options(...rest);
        if (document._id === undefined || document._id === null)
            return this.insert(document, callback);
        return this.update({ _id: document._id }, document, { upsert: true },
            callback);
    }

    remove(wish, ...rest) {
        const [wishes, callback] = options(...rest);
        return told(this.inTurn(() =>
            this.take(wish, wishes === true || wishes.justOne)), callback);
    }

    deleteOne(wish, ...rest) {
        const [, callback] = options(...rest);
        return this.remove(wish, { justOne: true }, callback);
    }

    deleteMany(wish, ...rest) {
        const [, callback] = options(...rest);
        return this.remove(wish, {}, callback);
    }

    drop(callback) {
        return this.remove({}, callback);
    }

    find(wish, fields, callback) {
        const cursor = new Cursor(this, wish,
            typeof fields === 'function' ? {} : fields);
        const after = typeof fields === 'function' ? fields : callback;
        if (typeof after === 'function')
            setImmediate(after, null, cursor);
        return cursor;
    }

    findOne(wish, ...rest) {
        const [fields, callback] = options(...rest);
        const cursor = new Cursor(this, wish, fields).limit(1);
        return told(cursor.read().then(([first]) => first || null), callback);
    }

    count(wish, ...rest) {
        const [, callback] = options(...rest);
        return told(new Cursor(this, typeof wish === 'function' ? {} : wish)
            .count(), typeof wish === 'function' ? wish : callback);
    }

    countDocuments(wish, ...rest) {
        return this.count(wish, ...rest);
    }

    /* There are no indexes to make. */
    createIndex(fields, ...rest) {
        const [, callback] = options(...rest);
        return told(Promise.resolve(''), callback);
    }

    ensureIndex(fields, ...rest) {
        return this.createIndex(fields, ...rest);
    }
}

class Database {
    constructor(store) {
        this.store = store;
        this.collections = new Map();
        this.metrics = new Set(METRICS);
        this.ObjectID = ObjectID;
        this.ObjectId = ObjectID;
    }

    addMetric(name) {
        this.metrics.add(name);
        this.collections.delete(name);
    }

    collection(name) {
        if (CORE.has(name) || CORE_OF_APP.test(name))
            throw new Error(`the collection ${name} is the server's own: ` +
                'plugins in JavaScript cannot reach it');
        if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
            throw new Error(`${String(name).slice(0, 80)} is no name ` +
                'of a collection: 1 to 64 of A-Z, a-z, 0-9, _ and -');
        if (!this.collections.has(name))
            this.collections.set(name, new Collection(name, this.store,
                this.metrics.has(name)));
        return this.collections.get(name);
    }
}

module.exports = { Database, ObjectID };
