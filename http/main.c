/*
 * main.c - tallyd.
 */
#include "http/command.h"

extern char **environ;

int main(int argc, char **argv)
{
    return command_run(argc, argv, environ);
}
