#include "engine/region.h"

#include <sodium.h>
#include <sys/mman.h>

#include "engine/memory.h"

void region_init(struct region *region, size_t bytes)
{
    region->size = bytes;
    region->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region->base == MAP_FAILED)
        memory_exhausted(bytes);
    region->used = REGION_FIRST;
    region->seed = randombytes_random();
}

void region_finish(struct region *region)
{
    munmap(region->base, region->size);
}

void region_clear(struct region *region)
{
    madvise(region->base, region->used, MADV_DONTNEED);
    region->used = REGION_FIRST;
}
