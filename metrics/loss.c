#include "metrics/loss.h"

const char *loss_name(enum loss loss)
{
    static const char *const names[] = {
#define X(loss, name) [loss] = name,
        LOSS_MAP(X)
#undef X
    };

    return names[loss];
}
