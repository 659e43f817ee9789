#include "metrics/operation.h"

#include <math.h>
#include <string.h>

#include "metrics/document.h"

/* What an operator works on. */
struct operands {
    const struct properties *properties;
    const struct property *property;
    const cJSON *current; /* NULL: the user has none */
    const cJSON *operand;
};

/* False: nothing changes. NULL in *result: the property is removed. */
typedef bool (*operator_fn)(const struct operands *operands, cJSON **result);

static bool set(const struct operands *operands, cJSON **result)
{
    *result = property_is_nothing(operands->operand)
                  ? NULL
                  : property_value(operands->properties, operands->property,
                                   operands->operand);
    return *result || property_is_nothing(operands->operand);
}

static bool set_once(const struct operands *operands, cJSON **result)
{
    return !operands->current && !property_is_nothing(operands->operand) &&
           set(operands, result);
}

static bool unset(const struct operands *operands, cJSON **result)
{
    *result = NULL;
    return operands->current != NULL;
}

/* Both numbers; one that is not there is `absent`. */
static bool numbers(const struct operands *operands, double absent,
                    double *current, double *operand)
{
    if (!property_number(operands->operand, operand))
        return false;
    *current = absent;
    return !operands->current || property_number(operands->current, current);
}

/* Sums and products may pass what a number can be. */
static bool give_number(double number, cJSON **result)
{
    if (!isfinite(number))
        return false;
    *result = cJSON_CreateNumber(number);
    return true;
}

static bool add(const struct operands *operands, cJSON **result)
{
    double current;
    double operand;

    if (!numbers(operands, 0, &current, &operand))
        return false;
    return give_number(current + operand, result);
}

static bool multiply(const struct operands *operands, cJSON **result)
{
    double current;
    double operand;

    if (!numbers(operands, 0, &current, &operand))
        return false;
    return give_number(current * operand, result);
}

static bool lower(const struct operands *operands, cJSON **result)
{
    double current;
    double operand;

    if (!numbers(operands, 0, &current, &operand) ||
        (operands->current && current <= operand))
        return false;
    return give_number(operand, result);
}

static bool raise(const struct operands *operands, cJSON **result)
{
    double current;
    double operand;

    if (!numbers(operands, 0, &current, &operand) ||
        (operands->current && current >= operand))
        return false;
    return give_number(operand, result);
}

static bool contains(const cJSON *array, const cJSON *wanted)
{
    const cJSON *element;

    cJSON_ArrayForEach(element, array)
    {
        if (cJSON_Compare(element, wanted, true))
            return true;
    }
    return false;
}

/* What is there as a list; a single value is a list of one. */
static cJSON *list_of(const cJSON *value)
{
    if (cJSON_IsArray(value))
        return cJSON_Duplicate(value, true);
    cJSON *list = cJSON_CreateArray();
    if (value)
        cJSON_AddItemToArray(list, cJSON_Duplicate(value, true));
    return list;
}

static bool append(const struct operands *operands, bool once, cJSON **result)
{
    cJSON *given = list_of(operands->operand);
    cJSON *fit =
        property_value(operands->properties, operands->property, given);
    cJSON *list = list_of(operands->current);
    int limit = (int)operands->properties->list_limit;
    const cJSON *element;

    /* Of a list that is full the oldest goes; a set keeps what it has. */
    cJSON_ArrayForEach(element, fit)
    {
        bool is_full = cJSON_GetArraySize(list) >= limit;
        if (once && (is_full || contains(list, element)))
            continue;
        if (is_full)
            cJSON_DeleteItemFromArray(list, 0);
        cJSON_AddItemToArray(list, cJSON_Duplicate(element, true));
    }
    cJSON_Delete(fit);
    cJSON_Delete(given);
    *result = list;
    return true;
}

static bool push(const struct operands *operands, cJSON **result)
{
    return append(operands, false, result);
}

static bool add_to_set(const struct operands *operands, cJSON **result)
{
    return append(operands, true, result);
}

static bool pull(const struct operands *operands, cJSON **result)
{
    cJSON *given = list_of(operands->operand);
    cJSON *left = cJSON_CreateArray();
    const cJSON *element;

    cJSON_ArrayForEach(element, operands->current)
    {
        if (!contains(given, element))
            cJSON_AddItemToArray(left, cJSON_Duplicate(element, true));
    }
    cJSON_Delete(given);
    if (!cJSON_IsArray(operands->current)) {
        cJSON_Delete(left);
        return false;
    }
    *result = left;
    return true;
}

static const struct {
    const char *name;
    operator_fn run;
    bool is_custom_only;
} operators[] = {
    {"$set", set, false},     {"$setOnce", set_once, false},
    {"$unset", unset, false}, {"$inc", add, true},
    {"$mul", multiply, true}, {"$min", lower, true},
    {"$max", raise, true},    {"$push", push, true},
    {"$pull", pull, true},    {"$addToSet", add_to_set, true},
};

enum { OPERATOR_COUNT = sizeof(operators) / sizeof(operators[0]) };

static size_t find(const char *name)
{
    size_t i = 0;

    while (i < OPERATOR_COUNT && strcmp(name, operators[i].name) != 0)
        i++;
    return i;
}

bool operation_is_known(const char *operator)
{
    return find(operator) < OPERATOR_COUNT;
}

void operation_apply(struct properties *properties,
                     const struct property *property, const char *operator,
                     const cJSON * operand)
{
    struct operands operands = {.properties = properties,
                                .property = property,
                                .current = property_find(properties, property),
                                .operand = operand};
    size_t i = find(operator);
    cJSON *result = NULL;

    if (operators[i].is_custom_only && !property->is_custom)
        return;
    if (operators[i].run(&operands, &result))
        property_put(properties, property, result);
}

void operation_assign(struct properties *properties,
                      const struct property *property, const cJSON *given)
{
    const cJSON *operand;

    if (!cJSON_IsObject(given)) {
        operation_apply(properties, property, "$set", given);
        return;
    }
    cJSON_ArrayForEach(operand, given)
    {
        if (operation_is_known(operand->string))
            operation_apply(properties, property, operand->string, operand);
    }
}

void operation_assign_all(struct properties *properties, const cJSON *details)
{
    const cJSON *custom = document_find(details, "custom");
    const cJSON *given;

    cJSON_ArrayForEach(given, details)
    {
        struct property property = {given->string, false};
        if (property_is_standard(given->string))
            operation_assign(properties, &property, given);
    }
    if (!cJSON_IsObject(custom))
        return;
    cJSON_ArrayForEach(given, custom)
    {
        struct property property = {given->string, true};
        operation_assign(properties, &property, given);
    }
}
