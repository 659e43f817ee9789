#include "http/inflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "engine/memory.h"

enum { CHUNK = 16 * 1024, WINDOW = 15, GZIP_ONLY = 16 };

struct inflate {
    z_stream stream;
    unsigned char chunk[CHUNK];
};

struct inflate *inflate_create(void)
{
    struct inflate *inflater = memory_alloc(sizeof(*inflater));

    if (inflateInit2(&inflater->stream, WINDOW + GZIP_ONLY) != Z_OK)
        memory_exhausted(sizeof(*inflater));
    return inflater;
}

void inflate_destroy(struct inflate *inflater)
{
    if (!inflater)
        return;

    inflateEnd(&inflater->stream);
    free(inflater);
}

/* One member, from stream->next_in on. */
static enum tally_err add_member(struct inflate *inflater, struct buffer *out)
{
    z_stream *stream = &inflater->stream;
    int rc;

    do {
        stream->next_out = inflater->chunk;
        stream->avail_out = CHUNK;
        rc = inflate(stream, Z_NO_FLUSH);
        buffer_add(out, inflater->chunk, CHUNK - stream->avail_out);
        if (!buffer_is_whole(out))
            return TALLY_ERR_TOO_BIG;
    } while (rc == Z_OK);
    return rc == Z_STREAM_END ? TALLY_OK : TALLY_ERR_INVALID;
}

static enum tally_err add_all(struct inflate *inflater, int window,
                              struct text body, struct buffer *out)
{
    z_stream *stream = &inflater->stream;
    enum tally_err err;

    stream->next_in = (z_const Bytef *)body.at;
    stream->avail_in = (uInt)body.len;
    do {
        if (inflateReset2(stream, window) != Z_OK)
            return TALLY_ERR_INVALID;
        err = add_member(inflater, out);
    } while (!err && stream->avail_in > 0 && window > WINDOW);
    if (!err && stream->avail_in > 0)
        return TALLY_ERR_INVALID;
    return err;
}

/* RFC 1950: the method is 8 and the two header bytes are a multiple of 31. */
static bool has_zlib_header(struct text body)
{
    const unsigned char *at = (const unsigned char *)body.at;

    return body.len >= 2 && (at[0] & 15) == Z_DEFLATED &&
           (at[0] << 8 | at[1]) % 31 == 0;
}

enum tally_err inflate_add(struct inflate *inflater, enum inflate_coding coding,
                           struct text body, struct buffer *out)
{
    if (body.len > UINT_MAX)
        return TALLY_ERR_TOO_BIG;
    if (coding == INFLATE_GZIP)
        return add_all(inflater, WINDOW + GZIP_ONLY, body, out);
    return add_all(inflater, has_zlib_header(body) ? WINDOW : -WINDOW, body,
                   out);
}
