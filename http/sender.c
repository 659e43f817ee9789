#include "http/sender.h"

void sender_init(struct sender *sender, uv_stream_t *stream, unsigned room,
                 size_t max, sender_written_fn written)
{
    *sender = (struct sender){.stream = stream, .written = written};
    outbox_init(&sender->outbox, room, max);
    buffer_init(&sender->flying, max);
}

void sender_finish(struct sender *sender)
{
    outbox_finish(&sender->outbox);
    buffer_finish(&sender->flying);
}

static void sender_on_written(uv_write_t *write, int status)
{
    struct sender *sender = write->data;

    sender->is_writing = false;
    buffer_trim(&sender->flying, OUTBOX_KEPT_ROOM);
    sender->written(sender, status);
}

static bool write_rest(struct sender *sender)
{
    struct text rest = outbox_detach(&sender->outbox, &sender->flying);
    uv_buf_t bytes = uv_buf_init((char *)rest.at, (unsigned)rest.len);

    sender->write.data = sender;
    sender->unwritten = rest.len;
    sender->is_writing = uv_write(&sender->write, sender->stream, &bytes, 1,
                                  sender_on_written) == 0;
    return sender->is_writing;
}

bool sender_flush(struct sender *sender)
{
    struct text ready = outbox_ready(&sender->outbox);

    if (sender->is_writing || ready.len == 0)
        return true;
    uv_buf_t bytes = uv_buf_init((char *)ready.at, (unsigned)ready.len);
    int written = uv_try_write(sender->stream, &bytes, 1);
    if (written < 0 && written != UV_EAGAIN)
        return false;
    if (written > 0)
        outbox_sent(&sender->outbox, (size_t)written);
    return outbox_ready(&sender->outbox).len == 0 || write_rest(sender);
}

bool sender_has_progress(struct sender *sender)
{
    size_t unwritten = uv_stream_get_write_queue_size(sender->stream);
    bool has_progress = unwritten < sender->unwritten;

    sender->unwritten = unwritten;
    return has_progress;
}
