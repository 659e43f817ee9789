#include "metrics/property.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/document.h"

enum { LAST_YEAR = 9999 };

static const char *const standard[] = {
    "name",  "username", "email",   "organization",
    "phone", "gender",   "picture", "byear",
};

enum { STANDARD_COUNT = sizeof(standard) / sizeof(standard[0]) };

#define BIRTH_YEAR "byear"
#define CUSTOM "custom"

bool property_is_standard(const char *name)
{
    for (size_t i = 0; i < STANDARD_COUNT; i++) {
        if (strcmp(name, standard[i]) == 0)
            return true;
    }
    return false;
}

/* Bytes of a value as JSON text. */
static size_t size_of(struct properties *properties, const cJSON *value)
{
    struct json json;

    if (!value)
        return 0;
    buffer_clear(&properties->scratch);
    json_init(&json, &properties->scratch, JSON_PLAIN);
    document_write(&json, value);
    return buffer_is_whole(&properties->scratch) ? properties->scratch.len
                                                 : PROPERTY_BYTES_MAX + 1;
}

enum tally_err properties_read(struct properties *properties,
                               struct text object, unsigned list_limit)
{
    cJSON *root =
        object.len > 0 ? document_parse(object) : cJSON_CreateObject();

    if (!root)
        return TALLY_ERR_CORRUPT;
    *properties = (struct properties){
        .root = root, .size = object.len, .list_limit = list_limit};
    buffer_init(&properties->scratch, DOCUMENT_SIZE_MAX);
    return TALLY_OK;
}

void properties_finish(struct properties *properties)
{
    cJSON_Delete(properties->root);
    buffer_finish(&properties->scratch);
}

enum tally_err properties_write(struct properties *properties,
                                struct arena *arena, struct text *object)
{
    struct text text = {NULL, 0};

    if (properties->root->child) {
        text.len = size_of(properties, properties->root);
        text.at = arena_strndup(arena, properties->scratch.at, text.len);
        if (!text.at)
            return TALLY_ERR_TOO_BIG;
    }
    *object = text;
    return TALLY_OK;
}

/* Where the property is, or would be. NULL when nothing custom is there. */
static cJSON *place_of(const struct properties *properties,
                       const struct property *property)
{
    if (!property->is_custom)
        return properties->root;
    return cJSON_GetObjectItemCaseSensitive(properties->root, CUSTOM);
}

const cJSON *property_find(const struct properties *properties,
                           const struct property *property)
{
    return document_find(place_of(properties, property), property->name);
}

bool property_is_nothing(const cJSON *given)
{
    const char *string = cJSON_GetStringValue(given);

    return cJSON_IsNull(given) || (string && string[0] == '\0');
}

/* Digits with a sign, a point and an exponent, as JSON and people write them:
 * no blanks, no hexadecimal, no names of infinity. */
static bool has_form_of_number(const char *string)
{
    return string[strspn(string, "+-.0123456789eE")] == '\0' &&
           strpbrk(string, "0123456789") && string[0] != 'e' &&
           string[0] != 'E';
}

bool property_number(const cJSON *given, double *number)
{
    const char *string = cJSON_GetStringValue(given);
    double read = 0;

    if (cJSON_IsNumber(given)) {
        read = given->valuedouble;
    } else if (string && strlen(string) <= PROPERTY_NUMERIC_MAX &&
               has_form_of_number(string)) {
        char *end;
        read = strtod(string, &end);
        if (*end != '\0')
            return false;
    } else {
        return false;
    }
    if (!isfinite(read))
        return false;
    *number = read;
    return true;
}

static bool is_fit_text(const char *string)
{
    return string && strlen(string) <= PROPERTY_VALUE_MAX;
}

static bool is_scalar(const cJSON *given)
{
    return cJSON_IsBool(given) || cJSON_IsNumber(given) ||
           is_fit_text(cJSON_GetStringValue(given));
}

static cJSON *scalar(const cJSON *given)
{
    double number;

    if (property_number(given, &number))
        return cJSON_CreateNumber(number);
    return is_scalar(given) ? cJSON_Duplicate(given, true) : NULL;
}

/* Elements stay as they are; what is no scalar is left out. */
static cJSON *list(const cJSON *given, unsigned limit)
{
    cJSON *made = cJSON_CreateArray();
    const cJSON *element;
    unsigned count = 0;

    cJSON_ArrayForEach(element, given)
    {
        if (count < limit && is_scalar(element)) {
            cJSON_AddItemToArray(made, cJSON_Duplicate(element, true));
            count++;
        }
    }
    return made;
}

static cJSON *birth_year(const cJSON *given)
{
    double year;

    if (!property_number(given, &year) || floor(year) != year || year < 0 ||
        year > LAST_YEAR)
        return NULL;
    return cJSON_CreateNumber(year);
}

/* Numbers given for a text are written out: a phone number, mostly. */
static cJSON *plain_text(const cJSON *given)
{
    const char *string = cJSON_GetStringValue(given);

    if (cJSON_IsNumber(given)) {
        char *printed = cJSON_PrintUnformatted(given);
        cJSON *made = cJSON_CreateString(printed);
        cJSON_free(printed);
        return made;
    }
    return is_fit_text(string) ? cJSON_CreateString(string) : NULL;
}

cJSON *property_value(const struct properties *properties,
                      const struct property *property, const cJSON *given)
{
    if (!property->is_custom)
        return strcmp(property->name, BIRTH_YEAR) == 0 ? birth_year(given)
                                                       : plain_text(given);
    return cJSON_IsArray(given) ? list(given, properties->list_limit)
                                : scalar(given);
}

static bool is_fit_name(const struct property *property)
{
    size_t len = strlen(property->name);

    if (!property->is_custom)
        return property_is_standard(property->name);
    return len > 0 && len <= PROPERTY_KEY_MAX && property->name[0] != '$';
}

static void erase(struct properties *properties,
                  const struct property *property)
{
    cJSON *place = place_of(properties, property);

    if (!property_find(properties, property))
        return;
    cJSON_DeleteItemFromObjectCaseSensitive(place, property->name);
    if (property->is_custom && !place->child)
        cJSON_DeleteItemFromObjectCaseSensitive(properties->root, CUSTOM);
    properties->changed = true;
}

/* The place for a new value; NULL when there is no room for one more. */
static cJSON *make_place(struct properties *properties,
                         const struct property *property)
{
    cJSON *place = place_of(properties, property);

    if (!place)
        return cJSON_AddObjectToObject(properties->root, CUSTOM);
    bool is_new = !property_find(properties, property);
    if (property->is_custom && is_new &&
        cJSON_GetArraySize(place) >= PROPERTY_CUSTOM_MAX)
        return NULL;
    return place;
}

static void replace(cJSON *place, const char *name, cJSON *value)
{
    if (cJSON_GetObjectItemCaseSensitive(place, name))
        cJSON_ReplaceItemInObjectCaseSensitive(place, name, value);
    else
        cJSON_AddItemToObject(place, name, value);
}

/* How large the object is with another value; NULL: without the property. */
static size_t size_with(struct properties *properties,
                        const struct property *property, const cJSON *value)
{
    const cJSON *old = property_find(properties, property);
    size_t name = strlen(property->name) * 6 + sizeof("\"custom\":{},\"\":");
    size_t size = properties->size;

    if (old)
        size -= size_of(properties, old);
    return value ? size + size_of(properties, value) + (old ? 0 : name) : size;
}

static bool insert(struct properties *properties,
                   const struct property *property, cJSON *value)
{
    size_t size = size_with(properties, property, value);
    cJSON *place =
        size <= PROPERTY_BYTES_MAX ? make_place(properties, property) : NULL;

    if (!place)
        return false;
    properties->size = size;
    properties->changed = true;
    replace(place, property->name, value);
    return true;
}

void property_put(struct properties *properties,
                  const struct property *property, cJSON *value)
{
    if (!value) {
        properties->size = size_with(properties, property, NULL);
        erase(properties, property);
        return;
    }
    bool is_known =
        cJSON_Compare(property_find(properties, property), value, true);
    if (is_known || !is_fit_name(property) ||
        !insert(properties, property, value))
        cJSON_Delete(value);
}

static bool has_element(const cJSON *array, const cJSON *wanted)
{
    const cJSON *element;

    cJSON_ArrayForEach(element, array)
    {
        if (cJSON_Compare(element, wanted, true))
            return true;
    }
    return false;
}

static void unite(struct properties *properties,
                  const struct property *property, const cJSON *mine,
                  const cJSON *other)
{
    cJSON *united = cJSON_Duplicate(mine, true);
    const cJSON *element;

    cJSON_ArrayForEach(element, other)
    {
        if (cJSON_GetArraySize(united) < (int)properties->list_limit &&
            !has_element(united, element))
            cJSON_AddItemToArray(united, cJSON_Duplicate(element, true));
    }
    property_put(properties, property, united);
}

static void fill_in(struct properties *properties, const cJSON *object,
                    bool is_custom)
{
    const cJSON *other;

    cJSON_ArrayForEach(other, object)
    {
        struct property property = {other->string, is_custom};
        const cJSON *mine = property_find(properties, &property);
        if (!mine && !cJSON_IsObject(other))
            property_put(properties, &property, cJSON_Duplicate(other, true));
        else if (cJSON_IsArray(mine) && cJSON_IsArray(other))
            unite(properties, &property, mine, other);
    }
}

enum tally_err properties_merge(struct properties *properties,
                                struct text other)
{
    if (other.len == 0)
        return TALLY_OK;
    cJSON *root = document_parse(other);
    if (!root)
        return TALLY_ERR_CORRUPT;
    fill_in(properties, root, false);
    fill_in(properties, document_find(root, CUSTOM), true);
    cJSON_Delete(root);
    return TALLY_OK;
}
