/*
 * Calls a target with every file of the directories named as arguments, each
 * in memory of exactly its size.
 */
#include <dirent.h>
#include <string.h>

#include "target.h"

enum { PATH_SIZE = 4096 };

static void fail(const char *path)
{
    perror(path);
    exit(1);
}

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (!file || fseek(file, 0, SEEK_END) != 0)
        fail(path);
    long len = ftell(file);
    rewind(file);
    uint8_t *bytes = len >= 0 ? malloc(len > 0 ? (size_t)len : 1) : NULL;
    if (!bytes || fread(bytes, 1, (size_t)len, file) != (size_t)len)
        fail(path);
    fclose(file);
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(bytes, (size_t)len);
    free(bytes);
}

static unsigned replay_directory(const char *directory)
{
    DIR *entries = opendir(directory);
    struct dirent *entry;
    unsigned count = 0;

    if (!entries)
        fail(directory);
    while ((entry = readdir(entries))) {
        char path[PATH_SIZE];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        replay_file(path);
        count++;
    }
    closedir(entries);
    return count;
}

int main(int count, char **directories)
{
    unsigned replayed = 0;

    for (int i = 1; i < count; i++)
        replayed += replay_directory(directories[i]);
    fprintf(stderr, "%u inputs\n", replayed);
    return replayed == 0;
}
