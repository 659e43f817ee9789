/*
 * piece.h - an answer in pieces, on the side of its connection.
 *
 * A piece is asked for when the one before has left: what a slow client makes
 * us keep is one piece. On the connection's thread.
 */
#ifndef HTTP_PIECE_H
#define HTTP_PIECE_H

#include "http/connection.h"

/* Sends exchange->out as the next piece, the head before the first one. */
void piece_put(struct connection *connection);

/* The same with the last one, or closes what is not whole. */
void piece_end(struct connection *connection);

/* Asks for more if it is time. */
void piece_ask(struct connection *connection);

#endif
