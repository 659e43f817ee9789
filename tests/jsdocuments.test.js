'use strict';
/*
 * jsdocuments.test.js - documents of plugins in JavaScript: queries, updates
 * and collections, over a store in memory.
 */
const assert = require('node:assert');
const { describe, test } = require('node:test');
const { Database, ObjectID } =
    require('../metrics/plugins/jsplugins/collection.js');
const query = require('../metrics/plugins/jsplugins/query.js');

const PAGE = 3; /* documents of one answer of the store */

/* What the server does, in memory: {put, get, each, erase}. */
class Store {
    constructor() {
        this.texts = new Map();
        this.calls = [];
    }

    get(name, id) {
        return this.texts.has(`${name}/${id}`)
            ? this.texts.get(`${name}/${id}`) : null;
    }

    put(name, id, text) {
        this.texts.set(`${name}/${id}`, text);
        return null;
    }

    erase(name, id) {
        this.texts.delete(`${name}/${id}`);
        return null;
    }

    each(name, prefix, after) {
        const ids = [...this.texts.keys()]
            .filter((key) => key.startsWith(`${name}/${prefix}`))
            .map((key) => key.slice(name.length + 1))
            .filter((id) => id > after).sort();
        return { more: ids.length > PAGE, documents: ids.slice(0, PAGE)
            .map((id) => [id, this.get(name, id)]) };
    }

    database() {
        return new Database(async (ops) => {
            await null;
            this.calls.push(ops);
            return ops.map(([name, ...rest]) => this[name](...rest));
        });
    }
}

async function filled(documents) {
    const store = new Store();
    const collection = store.database().collection('things');
    await collection.insertMany(documents);
    store.calls = [];
    return { store, collection };
}

const ids = (documents) => documents.map((one) => one._id);

describe('a query', () => {
    const document = { _id: 'abc_2026', n: 5, text: 'Hello', none: null,
        tags: ['red', 'blue'], deep: { list: [{ x: 1 }, { x: 7 }] },
        at: '2026-03-01T00:00:00.000Z' };
    const cases = [
        [{}, true],
        [{ _id: 'abc_2026' }, true],
        [{ _id: 'abc' }, false],
        [{ n: 5, text: 'Hello' }, true],
        [{ n: '5' }, false],
        [{ tags: 'red' }, true],
        [{ tags: ['red', 'blue'] }, true],
        [{ tags: ['blue', 'red'] }, false],
        [{ 'deep.list.x': 7 }, true],
        [{ 'deep.list.1.x': 1 }, false],
        [{ missing: null }, true],
        [{ none: { $exists: true } }, true],
        [{ missing: { $exists: true } }, false],
        [{ n: { $gt: 4, $lte: 5 } }, true],
        [{ n: { $gt: 5 } }, false],
        [{ n: { $gte: 5, $lt: 6 } }, true],
        [{ n: { $lt: 5 } }, false],
        [{ n: { $gt: '4' } }, false],
        [{ n: { $ne: 5 } }, false],
        [{ n: { $in: [1, 5] } }, true],
        [{ n: { $nin: [1, 5] } }, false],
        [{ n: { $not: { $gt: 5 } } }, true],
        [{ tags: { $all: ['blue'] } }, true],
        [{ tags: { $size: 2 } }, true],
        [{ _id: { $regex: 'abc' + '.*' } }, true],
        [{ _id: { $regex: '^bc' } }, false],
        [{ text: { $regex: 'hello', $options: 'i' } }, true],
        [{ text: /ELLO/i }, true],
        [{ $or: [{ n: 1 }, { n: 5 }] }, true],
        [{ $and: [{ n: 1 }, { n: 5 }] }, false],
        [{ $nor: [{ n: 1 }] }, true],
        [{ at: { $gte: new Date('2026-02-01') } }, true],
    ];
    for (const [wish, isFound] of cases) {
        test(`${isFound ? 'finds' : 'leaves'} by ` +
            JSON.stringify(wish, (key, value) => value instanceof RegExp
                ? String(value) : value), () =>
            assert.strictEqual(
                query.finds(document, query.prepare(wish)), isFound));
    }

    test('that is not understood is an error', () => {
        assert.throws(() => query.finds(document, { n: { $mod: [2, 1] } }),
            /\$mod/);
        assert.throws(() => query.finds(document, { $where: 'true' }),
            /\$where/);
    });

    test('names ids or their beginning only where that is certain', () => {
        assert.deepStrictEqual(query.idsOf({ _id: { $in: ['a', 'b'] } }),
            ['a', 'b']);
        assert.strictEqual(query.idsOf({ _id: { $gt: 'a' } }), null);
        const prefixes = { '^abc.*': 'abc', '^abc*': 'ab', '^ab+c': 'ab',
            '^a|b': '', 'abc.*': '', '^ab?c': 'a', '^a{0}b': '' };
        for (const [pattern, prefix] of Object.entries(prefixes))
            assert.strictEqual(query.prefixOf({ _id: { $regex: pattern } }),
                prefix, pattern);
        assert.strictEqual(query.prefixOf({ _id: /^abc/i }), '');
    });
});

describe('an update', () => {
    const cases = [
        [{ a: 1 }, { $set: { 'b.c': 2 } }, { a: 1, b: { c: 2 } }],
        [{ a: 1 }, { $inc: { a: 2, n: 1 } }, { a: 3, n: 1 }],
        [{ a: { b: 1, c: 2 } }, { $unset: { 'a.b': '' } }, { a: { c: 2 } }],
        [{}, { $push: { l: 1 } }, { l: [1] }],
        [{ l: [1] }, { $push: { l: { $each: [2, 3] } } }, { l: [1, 2, 3] }],
        [{ l: [1] }, { $addToSet: { l: { $each: [1, 2, 2] } } },
            { l: [1, 2] }],
        [{ l: [1, 5, 9] }, { $pull: { l: { $gt: 4 } } }, { l: [1] }],
        [{ a: 4 }, { $max: { a: 9 }, $min: { b: 1 } }, { a: 9, b: 1 }],
        [{ a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1 }],
        [{ a: 1 }, { whole: true }, { whole: true }],
    ];
    for (const [before, update, after] of cases) {
        test(`${JSON.stringify(update)} makes ${JSON.stringify(after)}`, () =>
            assert.deepStrictEqual(
                query.updated({ _id: 'x', ...before }, update, false),
                { _id: 'x', ...after }));
    }

    test('that cannot be done is an error', () => {
        const document = { _id: 'x', text: 'a' };
        for (const update of [{ $inc: { text: 1 } }, { $push: { text: 1 } },
            { $rename: { a: 'b' } }, { $set: { _id: 'y' } },
            { $set: { 'text.a': 1 } }, { $set: { '__proto__.a': 1 } }])
            assert.throws(() => query.updated(document, update, false),
                JSON.stringify(update));
        assert.strictEqual({}.a, undefined);
        assert.deepStrictEqual(document, { _id: 'x', text: 'a' });
    });
});

describe('a collection', () => {
    test('reads no more than the ids that are named', async () => {
        const { store, collection } = await filled([{ _id: 'a' },
            { _id: 'b' }]);
        assert.deepStrictEqual(await collection.findOne({ _id: 'b' }),
            { _id: 'b' });
        assert.deepStrictEqual(store.calls, [[['get', 'things', 'b']]]);
    });

    test('reads page after page', async () => {
        const all = Array.from({ length: 3 * PAGE + 1 },
            (_, i) => ({ _id: `id${i}`, i }));
        const { collection } = await filled(all);
        assert.strictEqual(await collection.count({}), all.length);
        const some = await collection.find({ i: { $lt: 5 } }, { i: 1 })
            .sort({ i: -1 }).skip(1).limit(2).toArray();
        assert.deepStrictEqual(some, [{ _id: 'id3', i: 3 },
            { _id: 'id2', i: 2 }]);
    });

    test('tells callbacks and keeps promises', async () => {
        const { collection } = await filled([{ _id: 'a' }]);
        const found = await new Promise((resolve, reject) =>
            collection.find({}).toArray((error, documents) =>
                error ? reject(error) : resolve(documents)));
        assert.deepStrictEqual(ids(found), ['a']);
        const error = await new Promise((resolve) =>
            collection.insert({ _id: 'a' }, resolve));
        assert.strictEqual(error.code, 11000);
        await assert.rejects(collection.insertOne({ _id: 'a' }), /E11000/);
    });

    test('gives ids to what has none', async () => {
        const { collection } = await filled([]);
        const document = { x: 1 };
        const { insertedId } = await collection.insertOne(document);
        assert.match(insertedId, /^[0-9a-f]{24}$/);
        assert.strictEqual(document._id, insertedId);
        assert.deepStrictEqual(
            await collection.findOne({ _id: ObjectID(insertedId) }),
            { _id: insertedId, x: 1 });
    });

    test('loses no update of those that come at once', async () => {
        const { collection } = await filled([{ _id: 'n', n: 0 }]);
        await Promise.all(Array.from({ length: 50 }, () =>
            collection.updateOne({ _id: 'n' }, { $inc: { n: 1 } })));
        assert.deepStrictEqual(await collection.findOne({ _id: 'n' }),
            { _id: 'n', n: 50 });
    });

    test('updates one or all, and inserts what is missing', async () => {
        const { collection } = await filled([{ _id: 'a', k: 1 },
            { _id: 'b', k: 1 }]);
        const one = await collection.update({ k: 1 }, { $set: { seen: 1 } });
        const all = await collection.updateMany({ k: 1 },
            { $set: { all: 1 } });
        const up = await collection.updateOne({ _id: 'c', k: 2 },
            { $inc: { n: 1 }, $setOnInsert: { fresh: true } },
            { upsert: true });
        assert.deepStrictEqual([one.modifiedCount, all.modifiedCount,
            up.upsertedId], [1, 2, 'c']);
        assert.deepStrictEqual(await collection.find({}).toArray(), [
            { _id: 'a', k: 1, seen: 1, all: 1 }, { _id: 'b', k: 1, all: 1 },
            { _id: 'c', k: 2, n: 1, fresh: true }]);
    });

    test('saves under an id, old or new', async () => {
        const { collection } = await filled([{ _id: 'a', x: 1 }]);
        await collection.save({ _id: 'a', y: 1 });
        await collection.save({ _id: 'b' });
        assert.deepStrictEqual(await collection.find().toArray(),
            [{ _id: 'a', y: 1 }, { _id: 'b' }]);
    });

    test('removes one or all', async () => {
        const { collection } = await filled([{ _id: 'app1_a' },
            { _id: 'app1_b' }, { _id: 'app2_a' }, { _id: 'app2_b' }]);
        await collection.deleteOne({ _id: { $regex: '^app2' } });
        const { result } = await collection.remove({ _id: { $regex: 'app1' +
            '.*' } });
        assert.deepStrictEqual([result.n,
            ids(await collection.find().toArray())], [2, ['app2_b']]);
    });

    test('of a metric is empty, and removing from it does nothing',
        async () => {
            const database = new Store().database();
            database.addMetric('mymetric');
            const collection = database.collection('mymetric');
            assert.strictEqual((await collection.remove({ _id: { $regex:
                'x.*' } })).deletedCount, 0);
            assert.deepStrictEqual(await collection.find().toArray(), []);
            await assert.rejects(collection.insert({ a: 1 }), /metric/);
        });

    test('of the server, or of no name, is refused', () => {
        const database = new Store().database();
        for (const name of ['apps', 'members', 'app_users' + '0a'.repeat(12), 'events', 'a b',
            '', 'x'.repeat(65)])
            assert.throws(() => database.collection(name), Error, name);
    });
});
