#include "bench/cpu.h"

#include <stdio.h>
#include <unistd.h>

double cpu_seconds(unsigned pid)
{
    char path[64];
    unsigned long user = 0;
    unsigned long system = 0;
    if (!pid)
        return 0;

    snprintf(path, sizeof(path), "/proc/%u/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    int fields = fscanf(file,
                        "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
                        "%*u %lu %lu",
                        &user, &system);
    fclose(file);
    if (fields != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}
