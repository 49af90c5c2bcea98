/* The index of notices: what may be near what, in area, height and time, and what of it certainly is.
 *
 * Each footprint stands in the cells that a circle around it covers: on one of four levels of a cube around the globe,
 * by its size, and on one of three levels of time, by how long it lasts. A cell is an array of short records, in which
 * a search reads on and on; what passes there is held against the whole footprint (_apart.h). Whatever is removed leaves
 * the arrays at once. See docs/adr/0007-compiled-kernels.md. Columns come through the buffer protocol and are checked
 * before anything is changed.
 */
#define Py_LIMITED_API 0x030b0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "_apart.h"

enum { SPACES = 4, TIMES = 3, FACES = 6, ACROSS_MOST = 4, LASTS_MOST = 4, KINDS_MOST = 64 };

/* Cells are a quarter of a turn over two to this: 40 km, 310 km, 2,500 km, and the faces of the cube themselves. */
static const int SPACE_BITS[SPACES] = {8, 5, 2, 0};
/* Twelve hours and 32 days; the last level is all of time. */
static const int64_t BUCKET_MS[TIMES] = {43200000, 2764800000, 0};

static const double HALF_FACE_RAD = M_PI / 4.0;
static const int64_t TIME_MOST = (int64_t)1 << 53;
static const uint8_t UNLIMITED = 255, UNKNOWN_DATUM = 0;
static const int32_t POINTS_MOST = 1 << 24;

/* One row of the column "fixed", as index.py packs it. */
typedef struct {
    double margin_m, accuracy_m, lower_m, upper_m, height_accuracy_m;
    int64_t start_ms, end_ms, time_accuracy_ms, owner;
    int32_t rings;
    uint8_t kind, shape, lower_datum, upper_datum;
} Fixed;

typedef struct {
    Footprint area;
    Fixed fixed;
    double circle_rad;
} Row;

/* In the order in which they are looked at. `marks`: see Mark. */
typedef struct {
    float start_h, end_h;
    float x, y, z, circle;
    float low, high;
    int32_t row;
    uint32_t marks;
} Record;

/* Bits of a record: whether its cell is the first of its footprint across, up and in time; on which faces it has
 * cells, six bits; the datums of its band, four bits each. */
enum { FIRST_ACROSS = 1, FIRST_UP = 2, FIRST_TIME = 4, FIRST_ALL = 7, FACE_SHIFT = 3, LOW_SHIFT = 9, HIGH_SHIFT = 13 };

typedef struct {
    uint64_t key;
    Record *record;
    int32_t count, room;
} Cell;

typedef struct {
    int64_t bucket, records;
} Occupied;

typedef struct {
    PyObject_HEAD
    Row **row;
    int32_t *free_row;
    int32_t rows, rows_room, frees, live;
    Cell *cell;
    size_t cells, cells_room;
    Occupied *occupied[TIMES];
    int32_t occupied_count[TIMES], occupied_room[TIMES];
    int64_t records[SPACES][TIMES];
    int32_t kinds;
    double horizontal_m[KINDS_MOST * KINDS_MOST], vertical_m[KINDS_MOST * KINDS_MOST];
    int64_t time_ms[KINDS_MOST * KINDS_MOST];
    double widest_m[KINDS_MOST], highest_m[KINDS_MOST];
    int64_t longest_ms[KINDS_MOST];
    int32_t *scratch;
    int32_t scratch_room;
} Index;

/* ---------------------------------------------------------------- where a circle lies on the cube */

typedef struct {
    int face;
    double left, right, low, high;
} Patch;

/* The part of the quarter turns from -1 to 1 that a circle takes up, seen along one axis; false where it takes none. */
static bool span_on_face(double across, double depth, double sine, double *from, double *to) {
    double distance = hypot(across, depth);
    *from = -1.0, *to = 1.0;
    if (sine >= distance) return true;
    double middle = atan2(across, depth), half = asin(sine / distance);
    *from = fmax((middle - half) / HALF_FACE_RAD, -1.0);
    *to = fmin((middle + half) / HALF_FACE_RAD, 1.0);
    return *from <= *to;
}

/* The patches of faces that hold all of a circle, at most six. */
static int patches(Vector centre, double circle_rad, Patch found[FACES]) {
    double place[3] = {centre.x, centre.y, centre.z};
    double sine = circle_rad < 1.5 ? sin(circle_rad) + 1e-12 : 2.0;
    int count = 0;
    for (int face = 0; face < FACES; face++) {
        int axis = face % 3;
        double depth = face < 3 ? place[axis] : -place[axis];
        // A face reaches as far as 54.8 degrees, a cosine of 0.577, from its middle.
        if (sine < 0.3 && depth < 0.25) continue;
        Patch *patch = &found[count];
        patch->face = face;
        if (span_on_face(place[(axis + 1) % 3], depth, sine, &patch->left, &patch->right) &&
            span_on_face(place[(axis + 2) % 3], depth, sine, &patch->low, &patch->high))
            count++;
    }
    return count;
}

static int step_of(double place, int bits) {
    int most = (1 << bits) - 1, step = (int)((place + 1.0) / 2.0 * (most + 1));
    return step < 0 ? 0 : step > most ? most : step;
}

typedef struct {
    int face, left, right, low, high;
} Rectangle;

typedef struct {
    int count, faces;
    int64_t cells;
    Rectangle at[FACES];
} Cover;

static Cover cover_at(const Patch *patch, int count, int space) {
    Cover cover = {.count = count};
    for (int k = 0; k < count; k++) {
        int bits = SPACE_BITS[space];
        Rectangle *at = &cover.at[k];
        *at = (Rectangle){patch[k].face, step_of(patch[k].left, bits), step_of(patch[k].right, bits),
                          step_of(patch[k].low, bits), step_of(patch[k].high, bits)};
        cover.faces |= 1 << at->face;
        cover.cells += (int64_t)(at->right - at->left + 1) * (at->high - at->low + 1);
    }
    return cover;
}

static int space_of(const Patch *patch, int count) {
    int space = 0;
    for (; space < SPACES - 1; space++) {
        Cover cover = cover_at(patch, count, space);
        bool fits = true;
        for (int k = 0; k < count; k++) {
            fits = fits && cover.at[k].right - cover.at[k].left < ACROSS_MOST;
            fits = fits && cover.at[k].high - cover.at[k].low < ACROSS_MOST;
        }
        if (fits) break;
    }
    return space;
}

static int64_t bucket_of(int64_t at_ms, int time) {
    int64_t width = BUCKET_MS[time];
    return width == 0 ? 0 : (at_ms + 2 * TIME_MOST) / width;
}

static int time_of(int64_t start_ms, int64_t end_ms) {
    int time = 0;
    while (time < TIMES - 1 && bucket_of(end_ms, time) - bucket_of(start_ms, time) >= LASTS_MOST) time++;
    return time;
}

/* ---------------------------------------------------------------- cells, by their keys */

static uint64_t key_of(int space, int time, int face, int across, int up, int64_t bucket) {
    uint64_t place = (((uint64_t)(space * TIMES + time) * FACES + (uint64_t)face) << 18) | ((uint64_t)across << 9) | (uint64_t)up;
    return (place << 36) + (uint64_t)bucket + 1;
}

static size_t home_of(const Index *self, uint64_t key) {
    key ^= key >> 31;
    key *= 0x9E3779B97F4A7C15u;
    key ^= key >> 29;
    return (size_t)key & (self->cells_room - 1);
}

static Cell *cell_found(const Index *self, uint64_t key) {
    for (size_t at = home_of(self, key);; at = (at + 1) & (self->cells_room - 1)) {
        if (self->cell[at].key == key) return &self->cell[at];
        if (self->cell[at].key == 0) return NULL;
    }
}

static bool cells_grown(Index *self) {
    size_t before = self->cells_room;
    Cell *old = self->cell, *wider = calloc(2 * before, sizeof(Cell));
    if (wider == NULL) return false;
    self->cell = wider;
    self->cells_room = 2 * before;
    for (size_t k = 0; k < before; k++) {
        if (old[k].key == 0) continue;
        size_t at = home_of(self, old[k].key);
        while (wider[at].key != 0) at = (at + 1) & (self->cells_room - 1);
        wider[at] = old[k];
    }
    free(old);
    return true;
}

static Cell *cell_made(Index *self, uint64_t key) {
    if (3 * (self->cells + 1) > 2 * self->cells_room && !cells_grown(self)) return NULL;
    size_t at = home_of(self, key);
    while (self->cell[at].key != 0) at = (at + 1) & (self->cells_room - 1);
    self->cell[at] = (Cell){.key = key};
    self->cells++;
    return &self->cell[at];
}

/* What follows in the table moves up, so that no search passes over an empty place. */
static void cell_dropped(Index *self, Cell *cell) {
    free(cell->record);
    size_t mask = self->cells_room - 1, hole = (size_t)(cell - self->cell);
    for (size_t at = (hole + 1) & mask; self->cell[at].key != 0; at = (at + 1) & mask) {
        if (((at - home_of(self, self->cell[at].key)) & mask) >= ((at - hole) & mask)) {
            self->cell[hole] = self->cell[at];
            hole = at;
        }
    }
    self->cell[hole].key = 0;
    self->cells--;
}

static bool record_added(Index *self, uint64_t key, Record record) {
    Cell *cell = cell_found(self, key);
    if (cell == NULL && (cell = cell_made(self, key)) == NULL) return false;
    if (cell->count == cell->room) {
        int32_t room = cell->room + cell->room / 2 + 2;
        Record *wider = realloc(cell->record, (size_t)room * sizeof(Record));
        if (wider == NULL) {
            if (cell->count == 0) cell_dropped(self, cell);
            return false;
        }
        cell->record = wider;
        cell->room = room;
    }
    cell->record[cell->count++] = record;
    return true;
}

static bool record_removed(Index *self, uint64_t key, int32_t row) {
    Cell *cell = cell_found(self, key);
    if (cell == NULL) return false;
    for (int32_t k = 0; k < cell->count; k++) {
        if (cell->record[k].row != row) continue;
        cell->record[k] = cell->record[--cell->count];
        if (cell->count == 0) {
            cell_dropped(self, cell);
        } else if (cell->room > 8 && cell->count < cell->room / 4) {
            Record *tighter = realloc(cell->record, (size_t)(cell->room / 2) * sizeof(Record));
            if (tighter != NULL) {
                cell->record = tighter;
                cell->room /= 2;
            }
        }
        return true;
    }
    return false;
}

/* ---------------------------------------------------------------- which buckets of time hold anything */

static int32_t first_occupied(const Index *self, int time, int64_t bucket) {
    int32_t low = 0, high = self->occupied_count[time];
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (self->occupied[time][middle].bucket < bucket) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool occupied_more(Index *self, int time, int64_t bucket) {
    int32_t at = first_occupied(self, time, bucket), count = self->occupied_count[time];
    if (at < count && self->occupied[time][at].bucket == bucket) {
        self->occupied[time][at].records++;
        return true;
    }
    if (count == self->occupied_room[time]) {
        int32_t room = 2 * count + 16;
        Occupied *wider = realloc(self->occupied[time], (size_t)room * sizeof(Occupied));
        if (wider == NULL) return false;
        self->occupied[time] = wider;
        self->occupied_room[time] = room;
    }
    Occupied *place = &self->occupied[time][at];
    memmove(place + 1, place, (size_t)(count - at) * sizeof(Occupied));
    *place = (Occupied){bucket, 1};
    self->occupied_count[time]++;
    return true;
}

static void occupied_less(Index *self, int time, int64_t bucket) {
    int32_t at = first_occupied(self, time, bucket);
    Occupied *place = &self->occupied[time][at];
    if (--place->records == 0) {
        self->occupied_count[time]--;
        memmove(place, place + 1, (size_t)(self->occupied_count[time] - at) * sizeof(Occupied));
    }
}

/* ---------------------------------------------------------------- putting a row into its cells, and taking it out */

static float rounded_down(double value) {
    float near = (float)value;
    return (double)near > value ? nextafterf(near, -INFINITY) : near;
}

static float rounded_up(double value) {
    float near = (float)value;
    return (double)near < value ? nextafterf(near, INFINITY) : near;
}

static int64_t earliest_ms(const Fixed *fixed) { return fixed->start_ms - fixed->time_accuracy_ms; }
static int64_t latest_ms(const Fixed *fixed) { return fixed->end_ms + fixed->time_accuracy_ms; }

/* All that the search compares, never narrower than it is. */
static Record record_of(const Row *row, int32_t number) {
    const Fixed *fixed = &row->fixed;
    Vector centre = row->area.centre;
    return (Record){
        .start_h = rounded_down((double)earliest_ms(fixed) / 3.6e6),
        .end_h = rounded_up((double)latest_ms(fixed) / 3.6e6),
        .x = (float)centre.x,
        .y = (float)centre.y,
        .z = (float)centre.z,
        // A unit vector in single precision may be off by 1e-7.
        .circle = rounded_up(row->circle_rad + 3e-7),
        .low = rounded_down(fixed->lower_m - fixed->height_accuracy_m - 1e-3),
        .high = rounded_up(fixed->upper_m + fixed->height_accuracy_m + 1e-3),
        .row = number,
        .marks = (uint32_t)(fixed->lower_datum & 15) << LOW_SHIFT | (uint32_t)(fixed->upper_datum & 15) << HIGH_SHIFT,
    };
}

typedef struct {
    int space, time;
    int64_t first_bucket, last_bucket;
    Cover cover;
} Home;

static Home home_of_row(const Row *row) {
    Patch patch[FACES];
    int count = patches(row->area.centre, row->circle_rad, patch);
    int space = space_of(patch, count);
    int64_t start_ms = earliest_ms(&row->fixed), end_ms = latest_ms(&row->fixed);
    int time = time_of(start_ms, end_ms);
    return (Home){space, time, bucket_of(start_ms, time), bucket_of(end_ms, time), cover_at(patch, count, space)};
}

static uint32_t firsts(const Rectangle *at, int across, int up, bool first_bucket) {
    return (across == at->left ? FIRST_ACROSS : 0) | (up == at->low ? FIRST_UP : 0) | (first_bucket ? FIRST_TIME : 0);
}

/* Takes out the first `most` records of a row, in the order in which they are put in. */
static void unplaced(Index *self, int32_t number, const Home *home, int64_t most) {
    for (int k = 0; k < home->cover.count; k++) {
        const Rectangle *at = &home->cover.at[k];
        for (int across = at->left; across <= at->right; across++)
            for (int up = at->low; up <= at->high; up++)
                for (int64_t bucket = home->first_bucket; bucket <= home->last_bucket; bucket++) {
                    if (most-- == 0) return;
                    record_removed(self, key_of(home->space, home->time, at->face, across, up, bucket), number);
                    occupied_less(self, home->time, bucket);
                    self->records[home->space][home->time]--;
                }
    }
}

static bool placed(Index *self, int32_t number) {
    const Row *row = self->row[number];
    Home home = home_of_row(row);
    Record record = record_of(row, number);
    uint32_t marks = record.marks | (uint32_t)home.cover.faces << FACE_SHIFT;
    int64_t done = 0;
    for (int k = 0; k < home.cover.count; k++) {
        const Rectangle *at = &home.cover.at[k];
        for (int across = at->left; across <= at->right; across++)
            for (int up = at->low; up <= at->high; up++)
                for (int64_t bucket = home.first_bucket; bucket <= home.last_bucket; bucket++) {
                    uint64_t key = key_of(home.space, home.time, at->face, across, up, bucket);
                    record.marks = marks | firsts(at, across, up, bucket == home.first_bucket);
                    bool kept = record_added(self, key, record);
                    if (kept && !occupied_more(self, home.time, bucket)) {
                        record_removed(self, key, number);
                        kept = false;
                    }
                    if (!kept) {
                        unplaced(self, number, &home, done);
                        return false;
                    }
                    self->records[home.space][home.time]++;
                    done++;
                }
    }
    return true;
}

/* ---------------------------------------------------------------- searching */

typedef struct {
    int32_t *row;
    size_t count, room;
} Rows;

static bool rows_more(Rows *rows, int32_t row) {
    if (rows->count == rows->room) {
        size_t room = 2 * rows->room + 64;
        int32_t *wider = realloc(rows->row, room * sizeof(int32_t));
        if (wider == NULL) return false;
        rows->row = wider;
        rows->room = room;
    }
    rows->row[rows->count++] = row;
    return true;
}

typedef struct {
    const Row *row;
    int32_t number, above;
    Record record;
    float vertical;
    int64_t start_ms, end_ms;
    Patch patch[FACES];
    int patch_count;
    Rows candidates, certain, doubtful;
} Search;

/* The rows after `above` are looked for that may be near the row `number`. */
static void search_begun(const Index *self, Search *search, int32_t number, int32_t above) {
    const Row *row = self->row[number];
    int kind = row->fixed.kind;
    double circle_rad = row->circle_rad + (self->widest_m[kind] + EXACT_M) / POLE_RADIUS_M;
    search->row = row;
    search->number = number;
    search->above = above;
    search->start_ms = earliest_ms(&row->fixed) - self->longest_ms[kind];
    search->end_ms = latest_ms(&row->fixed) + self->longest_ms[kind];
    search->record = record_of(row, number);
    search->record.circle = rounded_up(circle_rad + 3e-7);
    search->record.start_h = rounded_down((double)search->start_ms / 3.6e6);
    search->record.end_h = rounded_up((double)search->end_ms / 3.6e6);
    search->vertical = rounded_up(self->highest_m[kind]);
    search->patch_count = patches(row->area.centre, circle_rad, search->patch);
}

static bool datums_compare(uint8_t one, uint8_t two) { return one == two && one != UNKNOWN_DATUM && one != UNLIMITED; }

/* As conflict.py compares them, in the same steps, so that both find the same to the last bit. */
static bool heights_apart(const Fixed *own, const Fixed *other, double asked_m) {
    double doubt_m = own->height_accuracy_m + other->height_accuracy_m;
    return (datums_compare(own->upper_datum, other->lower_datum) && other->lower_m - own->upper_m - doubt_m > asked_m) ||
           (datums_compare(other->upper_datum, own->lower_datum) && own->lower_m - other->upper_m - doubt_m > asked_m);
}

static bool times_apart(const Fixed *own, const Fixed *other, int64_t asked_ms) {
    int64_t one = own->start_ms - other->end_ms, two = other->start_ms - own->end_ms;
    return (one > two ? one : two) - (own->time_accuracy_ms + other->time_accuracy_ms) > asked_ms - 1;
}

static Verdict verdict_on(const Index *self, const Row *own, const Row *other) {
    int32_t rule = own->fixed.kind * self->kinds + other->fixed.kind;
    double asked_m = self->horizontal_m[rule];
    if (own->fixed.owner == other->fixed.owner || asked_m < 0.0) return APART;
    if (times_apart(&own->fixed, &other->fixed, self->time_ms[rule])) return APART;
    if (heights_apart(&own->fixed, &other->fixed, self->vertical_m[rule])) return APART;
    asked_m += own->fixed.accuracy_m + other->fixed.accuracy_m;
    return nearness(&own->area, &other->area, asked_m, self->scratch);
}

static inline bool datum_bits_compare(uint32_t one, uint32_t two) { return one == two && one != 0 && one != 15; }

/* Whether the times, and the circles around the two, come near one another: one branch where most are far. */
static inline bool is_in_reach(const Record *own, const Record *record) {
    float dx = record->x - own->x, dy = record->y - own->y, dz = record->z - own->z, reach = record->circle + own->circle;
    // A millionth is far above what single precision does to these few steps.
    return (record->start_h <= own->end_h) & (record->end_h >= own->start_h) &
           (dx * dx + dy * dy + dz * dz <= reach * reach * 1.000001f);
}

static inline bool may_share_heights(const Search *search, const Record *record) {
    const Record *own = &search->record;
    uint32_t own_low = own->marks >> LOW_SHIFT & 15, own_high = own->marks >> HIGH_SHIFT & 15;
    uint32_t low = record->marks >> LOW_SHIFT & 15, high = record->marks >> HIGH_SHIFT & 15;
    if (datum_bits_compare(own_high, low) && (double)record->low - (double)own->high > (double)search->vertical) return false;
    return !(datum_bits_compare(high, own_low) && (double)own->low - (double)record->high > (double)search->vertical);
}

/* The first face on which two covers share a cell. */
static int first_shared_face(const Cover *one, const Cover *two) {
    int first = FACES;
    for (int k = 0; k < one->count; k++)
        for (int m = 0; m < two->count; m++) {
            const Rectangle *a = &one->at[k], *b = &two->at[m];
            if (a->face == b->face && a->face < first && a->left <= b->right && b->left <= a->right && a->low <= b->high &&
                b->low <= a->high)
                first = a->face;
        }
    return first;
}

/* Two covers may share many cells; a pair counts in the one that is first of both across, up and in time, on the first
 * face where they share any. */
static bool is_first_meeting(const Index *self, const Cover *own, uint32_t own_marks, const Record *record, int face) {
    if (((record->marks | own_marks) & FIRST_ALL) != FIRST_ALL) return false;
    uint32_t faces = record->marks >> FACE_SHIFT & (uint32_t)own->faces & 63;
    if ((faces & (faces - 1)) == 0) return true;
    Home home = home_of_row(self->row[record->row]);
    return first_shared_face(own, &home.cover) == face;
}

static bool cell_searched(const Index *self, Search *search, const Cell *cell, const Cover *own, const Rectangle *at,
                          uint32_t own_marks) {
    for (int32_t k = 0; k < cell->count; k++) {
        const Record *record = &cell->record[k];
        if (record->row <= search->above || !is_in_reach(&search->record, record)) continue;
        if (record->row == search->number || !may_share_heights(search, record)) continue;
        if (!is_first_meeting(self, own, own_marks, record, at->face)) continue;
        if (!rows_more(&search->candidates, record->row)) return false;
    }
    return true;
}

/* The whole footprints of all candidates. They lie anywhere in memory, so each is asked for some turns before it is
 * needed. */
static bool candidates_judged(const Index *self, Search *search) {
    enum { AHEAD = 6, LINE_BYTES = 64, LINES = 6 };
    const int32_t *candidate = search->candidates.row;
    size_t count = search->candidates.count;
    for (size_t k = 0; k < count + AHEAD; k++) {
        if (k < count)
            for (int line = 0; line < LINES; line++)
                __builtin_prefetch((const char *)self->row[candidate[k]] + line * LINE_BYTES);
        if (k < AHEAD) continue;
        int32_t other = candidate[k - AHEAD];
        Verdict verdict = verdict_on(self, search->row, self->row[other]);
        if (verdict == APART) continue;
        if (!rows_more(verdict == NEAR ? &search->certain : &search->doubtful, other)) return false;
    }
    search->candidates.count = 0;
    return true;
}

/* One level: cell by cell, or, where that would be more than there are, all cells that there are. */
static bool level_searched(const Index *self, Search *search, int space, int time) {
    Cover cover = cover_at(search->patch, search->patch_count, space);
    int64_t first = bucket_of(search->start_ms, time), last = bucket_of(search->end_ms, time);
    int32_t from = first_occupied(self, time, first), to = first_occupied(self, time, last + 1);
    if (cover.cells * (to - from) > (int64_t)self->cells) {
        for (size_t k = 0; k < self->cells_room; k++) {
            const Cell *cell = &self->cell[k];
            uint64_t place = (cell->key - 1) >> 36;
            if (cell->key == 0 || (int)(place >> 18) / FACES != space * TIMES + time) continue;
            int64_t bucket = (int64_t)((cell->key - 1) & (((uint64_t)1 << 36) - 1));
            int face = (int)(place >> 18) % FACES, across = (int)(place >> 9 & 511), up = (int)(place & 511);
            if (bucket < first || bucket > last) continue;
            for (int c = 0; c < cover.count; c++) {
                const Rectangle *at = &cover.at[c];
                if (at->face != face || across < at->left || across > at->right || up < at->low || up > at->high) continue;
                if (!cell_searched(self, search, cell, &cover, at, firsts(at, across, up, bucket == first))) return false;
            }
        }
        return true;
    }
    for (int c = 0; c < cover.count; c++) {
        const Rectangle *at = &cover.at[c];
        for (int across = at->left; across <= at->right; across++)
            for (int up = at->low; up <= at->high; up++)
                for (int32_t k = from; k < to; k++) {
                    int64_t bucket = self->occupied[time][k].bucket;
                    const Cell *cell = cell_found(self, key_of(space, time, at->face, across, up, bucket));
                    if (cell == NULL) continue;
                    uint32_t marks = firsts(at, across, up, bucket == first);
                    if (!cell_searched(self, search, cell, &cover, at, marks)) return false;
                }
    }
    return true;
}

static bool searched(const Index *self, Search *search) {
    for (int space = 0; space < SPACES; space++)
        for (int time = 0; time < TIMES; time++)
            if (self->records[space][time] > 0 && !level_searched(self, search, space, time)) return false;
    return candidates_judged(self, search);
}

/* ---------------------------------------------------------------- rows from columns */

static bool bounded(double value, double least, double most) { return value >= least && value <= most; }

static const char *fault_of(const Fixed *fixed, int kinds) {
    if (fixed->kind >= kinds) return "has a kind that there is no rule for";
    if (fixed->shape > POLYGON) return "has an unknown shape";
    if (!bounded(fixed->margin_m, 0.0, 3e7)) return "has a margin that is not a number of metres";
    if (!bounded(fixed->accuracy_m, 0.0, 3e7)) return "has an accuracy that is not a number of metres";
    if (!bounded(fixed->height_accuracy_m, 0.0, 3e9)) return "has a height accuracy that is not a number of metres";
    if (!bounded(fixed->lower_m, -1e9, 1e9) || !bounded(fixed->upper_m, -1e9, 1e9)) return "has a height out of range";
    if ((fixed->lower_datum > 14 && fixed->lower_datum != UNLIMITED) || (fixed->upper_datum > 14 && fixed->upper_datum != UNLIMITED))
        return "has an unknown datum";
    if (fixed->start_ms < -TIME_MOST || fixed->end_ms > TIME_MOST || fixed->start_ms > fixed->end_ms) return "has a window out of range";
    if (fixed->time_accuracy_ms < 0 || fixed->time_accuracy_ms > TIME_MOST / 4) return "has a time accuracy out of range";
    if (fixed->rings < 1) return "has no ring";
    if (fixed->shape != POLYGON && fixed->rings != 1) return "has more rings than one";
    return NULL;
}

static bool points_fault(const double *lat, const double *lon, int64_t count) {
    for (int64_t k = 0; k < count; k++)
        if (!bounded(lat[k], -90.0, 90.0) || !bounded(lon[k], -180.0, 180.0)) return true;
    return false;
}

/* Circle around all points, and all that follows from the points alone. */
static void measured(Row *row) {
    Footprint *area = &row->area;
    Vector sum = {0, 0, 0};
    for (int32_t k = 0; k < area->points; k++) sum = plus(sum, area->point[k]);
    bool centred = dot(sum, sum) > 1e-6;
    area->centre = centred ? unit(sum) : area->point[0];
    double farthest2 = 0.0, longest2 = 0.0;
    for (int32_t k = 0; k < area->points; k++) farthest2 = fmax(farthest2, chord2(area->point[k], area->centre));
    for (int32_t r = 0; r < area->rings; r++)
        for (int32_t k = area->ring[r].first; k + 1 < area->ring[r].end; k++)
            longest2 = fmax(longest2, chord2(area->point[k], area->point[k + 1]));
    area->longest_rad = angle_rad(sqrt(longest2)) + SLACK_RAD;
    double longest_m = EQUATOR_RADIUS_M * STRETCH * area->longest_rad;
    area->vague = area->shape != POINT && (longest_m > EDGE_MOST_M || farthest2 > WIDE_RAD * WIDE_RAD || !centred);
    area->off_m = area->shape == POINT ? 0.0 : OFF_PER_M2 * longest_m * longest_m;
    area->reach_rad = area->shape == POINT ? 0.0 : angle_rad(sqrt(farthest2)) + area->off_m / POLE_RADIUS_M + SLACK_RAD;
    area->margin_m = row->fixed.margin_m;
    area->radius_m = radius_m(area->centre);
    double around_m = area->margin_m + row->fixed.accuracy_m + EXACT_M;
    row->circle_rad = area->vague ? 4.0 : area->reach_rad + around_m / POLE_RADIUS_M + SLACK_RAD;
}

/* A row in one piece: itself, its points, its rings. */
static Row *row_made(const Fixed *fixed, const int32_t *ring, const double *lat, const double *lon, int32_t given) {
    int32_t closing = fixed->shape == POLYGON ? fixed->rings : 0, points = given + closing;
    size_t size = sizeof(Row) + (size_t)points * sizeof(Vector) + (size_t)fixed->rings * sizeof(Ring);
    Row *row = malloc(size);
    if (row == NULL) return NULL;
    Vector *point = (Vector *)(row + 1);
    Ring *rings = (Ring *)(point + points);
    row->fixed = *fixed;
    row->area = (Footprint){.shape = fixed->shape, .rings = fixed->rings, .points = points, .ring = rings, .point = point};
    int32_t at = 0;
    for (int32_t r = 0; r < fixed->rings; r++) {
        int32_t count = ring[r] < 0 ? -ring[r] : ring[r];
        rings[r] = (Ring){.first = at, .end = at + count + (closing ? 1 : 0), .hole = ring[r] < 0};
        for (int32_t k = 0; k < count; k++) point[at++] = direction(*lat++, *lon++);
        if (closing) point[at++] = point[rings[r].first];
    }
    measured(row);
    return row;
}

static bool room_for_row(Index *self, int32_t points) {
    if (2 * points > self->scratch_room) {
        int32_t *wider = realloc(self->scratch, (size_t)(4 * points) * sizeof(int32_t));
        if (wider == NULL) return false;
        self->scratch = wider;
        self->scratch_room = 4 * points;
    }
    if (self->frees > 0 || self->rows < self->rows_room) return true;
    if (self->rows_room > INT32_MAX / 2 - 64) return false;
    int32_t room = 2 * self->rows_room + 64;
    Row **wider = realloc(self->row, (size_t)room * sizeof(Row *));
    if (wider == NULL) return false;
    self->row = wider;
    int32_t *freer = realloc(self->free_row, (size_t)room * sizeof(int32_t));
    if (freer == NULL) return false;
    self->free_row = freer;
    self->rows_room = room;
    return true;
}

/* The number of a new row, or -1 where memory is short. */
static int32_t row_put(Index *self, Row *row) {
    if (!room_for_row(self, row->area.points)) return -1;
    int32_t number = self->frees > 0 ? self->free_row[self->frees - 1] : self->rows;
    self->row[number] = row;
    if (!placed(self, number)) {
        self->row[number] = NULL;
        return -1;
    }
    if (self->frees > 0) {
        self->frees--;
    } else {
        self->rows++;
    }
    self->live++;
    return number;
}

static void row_taken(Index *self, int32_t number) {
    Home home = home_of_row(self->row[number]);
    unplaced(self, number, &home, INT64_MAX);
    free(self->row[number]);
    self->row[number] = NULL;
    self->free_row[self->frees++] = number;
    self->live--;
}

/* ---------------------------------------------------------------- what Python sees */

enum { FIXED, RING, LAT, LON, COLUMNS };
static const Py_ssize_t COLUMN_SIZE[COLUMNS] = {sizeof(Fixed), sizeof(int32_t), sizeof(double), sizeof(double)};
static const uintptr_t COLUMN_ALIGNED[COLUMNS] = {8, 4, 8, 8};

/* Adds up rings and points; a message where the columns do not fit together. */
static const char *columns_fault(const Index *self, void *column[COLUMNS], const Py_ssize_t count[COLUMNS]) {
    const Fixed *fixed = column[FIXED];
    const int32_t *ring = column[RING];
    int64_t rings = 0, points = 0;
    for (Py_ssize_t k = 0; k < count[FIXED]; k++) {
        const char *fault = fault_of(&fixed[k], self->kinds);
        if (fault != NULL) return fault;
        if (fixed[k].rings > count[RING] - rings) return "has more rings than are given";
        int64_t own = 0, least = fixed[k].shape == POINT ? 1 : fixed[k].shape == LINE ? 2 : 3;
        for (int32_t r = 0; r < fixed[k].rings; r++, rings++) {
            int64_t size = ring[rings] < 0 ? -(int64_t)ring[rings] : ring[rings];
            if (size < least || (fixed[k].shape == POINT && size > 1)) return "has a ring of too few or too many points";
            if (ring[rings] < 0 && (r == 0 || fixed[k].shape != POLYGON)) return "has a hole without an outer ring";
            own += size;
        }
        if (own > POINTS_MOST || own > count[LAT] - points) return "has more points than are given";
        points += own;
    }
    if (rings != count[RING]) return "lacks some of the rings that are given";
    if (points != count[LAT] || points != count[LON]) return "lacks some of the points that are given";
    if (points_fault(column[LAT], column[LON], points)) return "has a point that is not on the globe";
    return NULL;
}

static PyObject *rows_listed(const int32_t *row, Py_ssize_t count) {
    return PyBytes_FromStringAndSize((const char *)row, count * (Py_ssize_t)sizeof(int32_t));
}

static int32_t points_of(const Fixed *fixed, const int32_t *ring) {
    int32_t points = 0;
    for (int32_t r = 0; r < fixed->rings; r++) points += ring[r] < 0 ? -ring[r] : ring[r];
    return points;
}

static PyObject *rows_put(Index *self, void *column[COLUMNS], Py_ssize_t count) {
    const Fixed *fixed = column[FIXED];
    const int32_t *ring = column[RING];
    const double *lat = column[LAT], *lon = column[LON];
    Rows made = {0};
    bool whole = true;
    for (Py_ssize_t k = 0; whole && k < count; k++) {
        int32_t points = points_of(&fixed[k], ring), number = -1;
        Row *row = row_made(&fixed[k], ring, lat, lon, points);
        if (row != NULL && (number = row_put(self, row)) < 0) free(row);
        whole = number >= 0;
        if (whole && !rows_more(&made, number)) {
            row_taken(self, number);
            whole = false;
        }
        ring += fixed[k].rings;
        lat += points;
        lon += points;
    }
    PyObject *answer = whole ? rows_listed(made.row, (Py_ssize_t)made.count) : PyErr_NoMemory();
    if (answer == NULL)
        for (size_t k = 0; k < made.count; k++) row_taken(self, made.row[k]);
    free(made.row);
    return answer;
}

static PyObject *index_add(Index *self, PyObject *arguments) {
    PyObject *given[COLUMNS];
    if (!PyArg_ParseTuple(arguments, "OOOO", &given[FIXED], &given[RING], &given[LAT], &given[LON])) return NULL;
    Py_buffer view[COLUMNS];
    void *column[COLUMNS];
    Py_ssize_t count[COLUMNS];
    int held = 0;
    PyObject *answer = NULL;
    for (; held < COLUMNS; held++) {
        if (PyObject_GetBuffer(given[held], &view[held], PyBUF_C_CONTIGUOUS) != 0) goto done;
        column[held] = view[held].buf;
        count[held] = view[held].len / COLUMN_SIZE[held];
        if (view[held].len % COLUMN_SIZE[held] != 0 || (uintptr_t)view[held].buf % COLUMN_ALIGNED[held] != 0) {
            PyErr_Format(PyExc_ValueError, "column %d does not hold whole values in their places", held);
            held++;
            goto done;
        }
    }
    const char *fault = columns_fault(self, column, count);
    if (fault != NULL) {
        PyErr_Format(PyExc_ValueError, "a footprint %s", fault);
    } else {
        answer = rows_put(self, column, count[FIXED]);
    }
done:
    while (held > 0) PyBuffer_Release(&view[--held]);
    return answer;
}

static int32_t row_named(const Index *self, PyObject *argument) {
    long number = PyLong_AsLong(argument);
    if (number == -1 && PyErr_Occurred()) return -1;
    if (number < 0 || number >= self->rows || self->row[number] == NULL) {
        PyErr_Format(PyExc_KeyError, "there is no row %ld", number);
        return -1;
    }
    return (int32_t)number;
}

static PyObject *index_remove(Index *self, PyObject *argument) {
    int32_t number = row_named(self, argument);
    if (number < 0) return NULL;
    row_taken(self, number);
    Py_RETURN_NONE;
}

static PyObject *index_found(Index *self, PyObject *argument) {
    int32_t number = row_named(self, argument);
    if (number < 0) return NULL;
    Search search = {0};
    search_begun(self, &search, number, -1);
    PyObject *answer = NULL;
    if (searched(self, &search)) {
        PyObject *certain = rows_listed(search.certain.row, (Py_ssize_t)search.certain.count);
        PyObject *doubtful = rows_listed(search.doubtful.row, (Py_ssize_t)search.doubtful.count);
        if (certain != NULL && doubtful != NULL) answer = PyTuple_Pack(2, certain, doubtful);
        Py_XDECREF(certain);
        Py_XDECREF(doubtful);
    } else {
        PyErr_NoMemory();
    }
    free(search.candidates.row);
    free(search.certain.row);
    free(search.doubtful.row);
    return answer;
}

static bool paired(Rows *pairs, Rows *found, int32_t number) {
    for (size_t k = 0; k < found->count; k++)
        if (!rows_more(pairs, number) || !rows_more(pairs, found->row[k])) return false;
    found->count = 0;
    return true;
}

/* Rows in the order of the cells in which they come first, so that neighbours are looked at one after another. */
static bool all_paired(Index *self, Search *search, Rows *certain, Rows *doubtful) {
    for (size_t k = 0; k < self->cells_room; k++) {
        const Cell *cell = &self->cell[k];
        if (cell->key == 0) continue;
        int face = (int)((cell->key - 1) >> 54) % FACES;
        for (int32_t r = 0; r < cell->count; r++) {
            uint32_t marks = cell->record[r].marks, faces = marks >> FACE_SHIFT & 63;
            if ((marks & FIRST_ALL) != FIRST_ALL || (faces & (0u - faces)) != 1u << face) continue;
            search_begun(self, search, cell->record[r].row, cell->record[r].row);
            if (!searched(self, search)) return false;
            if (!paired(certain, &search->certain, search->number)) return false;
            if (!paired(doubtful, &search->doubtful, search->number)) return false;
        }
    }
    return true;
}

static PyObject *index_pairs(Index *self, PyObject *Py_UNUSED(nothing)) {
    Search search = {0};
    Rows certain = {0}, doubtful = {0};
    PyObject *answer = NULL;
    if (all_paired(self, &search, &certain, &doubtful)) {
        PyObject *sure = rows_listed(certain.row, (Py_ssize_t)certain.count);
        PyObject *unsure = rows_listed(doubtful.row, (Py_ssize_t)doubtful.count);
        if (sure != NULL && unsure != NULL) answer = PyTuple_Pack(2, sure, unsure);
        Py_XDECREF(sure);
        Py_XDECREF(unsure);
    } else {
        PyErr_NoMemory();
    }
    free(search.candidates.row);
    free(search.certain.row);
    free(search.doubtful.row);
    free(certain.row);
    free(doubtful.row);
    return answer;
}

/* What it holds: rows, cells, records. */
static PyObject *index_size(Index *self, PyObject *Py_UNUSED(nothing)) {
    long long records = 0;
    for (int space = 0; space < SPACES; space++)
        for (int time = 0; time < TIMES; time++) records += self->records[space][time];
    return Py_BuildValue("inL", (int)self->live, (Py_ssize_t)self->cells, records);
}

static bool rules_sound(int count, const double *horizontal_m, const double *vertical_m, const int64_t *time_ms) {
    for (int k = 0; k < count; k++) {
        if (!bounded(horizontal_m[k], -1.0, 1e8) || !bounded(vertical_m[k], 0.0, 1e9)) return false;
        if (time_ms[k] < 0 || time_ms[k] > TIME_MOST / 4) return false;
    }
    return true;
}

static void widest_of(Index *self, int own) {
    self->widest_m[own] = self->highest_m[own] = 0.0;
    self->longest_ms[own] = 0;
    for (int k = own * self->kinds; k < (own + 1) * self->kinds; k++) {
        self->widest_m[own] = fmax(self->widest_m[own], self->horizontal_m[k]);
        self->highest_m[own] = fmax(self->highest_m[own], self->vertical_m[k]);
        if (self->time_ms[k] > self->longest_ms[own]) self->longest_ms[own] = self->time_ms[k];
    }
}

/* Rules for each pair of kinds, in place of those before; nothing is changed unless all of them are in range. */
static PyObject *index_set_rules(Index *self, PyObject *arguments) {
    Py_buffer rule[3];
    if (!PyArg_ParseTuple(arguments, "y*y*y*", &rule[0], &rule[1], &rule[2])) return NULL;
    int count = self->kinds * self->kinds;
    bool whole = true;
    for (int k = 0; k < 3; k++) whole = whole && rule[k].len == 8 * count && (uintptr_t)rule[k].buf % 8 == 0;
    whole = whole && rules_sound(count, rule[0].buf, rule[1].buf, rule[2].buf);
    if (whole) {
        memcpy(self->horizontal_m, rule[0].buf, (size_t)rule[0].len);
        memcpy(self->vertical_m, rule[1].buf, (size_t)rule[1].len);
        memcpy(self->time_ms, rule[2].buf, (size_t)rule[2].len);
        for (int own = 0; own < self->kinds; own++) widest_of(self, own);
    } else {
        PyErr_SetString(PyExc_ValueError, "a rule in range must be given for each pair of kinds");
    }
    for (int k = 0; k < 3; k++) PyBuffer_Release(&rule[k]);
    if (!whole) return NULL;
    Py_RETURN_NONE;
}

static PyObject *index_new(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(names)) {
    int kinds;
    if (!PyArg_ParseTuple(arguments, "i", &kinds)) return NULL;
    if (kinds < 1 || kinds > KINDS_MOST) {
        PyErr_SetString(PyExc_ValueError, "there must be 1 to 64 kinds");
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Index *self = (Index *)allocate(type, 0);
    if (self == NULL) return NULL;
    self->kinds = kinds;
    self->cells_room = 1024;
    self->cell = calloc(self->cells_room, sizeof(Cell));
    if (self->cell == NULL) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    return (PyObject *)self;
}

static void index_dealloc(Index *self) {
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    for (int32_t k = 0; k < self->rows; k++) free(self->row[k]);
    if (self->cell != NULL)
        for (size_t k = 0; k < self->cells_room; k++)
            if (self->cell[k].key != 0) free(self->cell[k].record);
    for (int time = 0; time < TIMES; time++) free(self->occupied[time]);
    free(self->row);
    free(self->free_row);
    free(self->cell);
    free(self->scratch);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyMethodDef METHODS[] = {
    {"set_rules", (PyCFunction)index_set_rules, METH_VARARGS, "How far each two kinds stay apart."},
    {"add", (PyCFunction)index_add, METH_VARARGS, "Add footprints given in columns; the numbers of their rows."},
    {"remove", (PyCFunction)index_remove, METH_O, "Take one row away; its number may be given again."},
    {"found", (PyCFunction)index_found, METH_O, "The rows that certainly, and those that perhaps, are too near a row."},
    {"pairs", (PyCFunction)index_pairs, METH_NOARGS, "All pairs of rows that certainly, and perhaps, are too near."},
    {"size", (PyCFunction)index_size, METH_NOARGS, "How many rows, cells and records it holds."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot SLOTS[] = {
    {Py_tp_new, index_new}, {Py_tp_dealloc, index_dealloc}, {Py_tp_methods, METHODS},
    {Py_tp_doc, "Footprints by place, height and time."}, {0, NULL},
};

static PyType_Spec SPEC = {
    .name = "keepclear.core.notice._index.Index",
    .basicsize = sizeof(Index),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = SLOTS,
};

static int module_filled(PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &SPEC, NULL);
    if (type == NULL) return -1;
    int failed = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return failed;
}

static PyModuleDef_Slot MODULE_SLOTS[] = {{Py_mod_exec, module_filled}, {0, NULL}};

static PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, .m_name = "_index", .m_doc = "The index of notices, compiled.", .m_slots = MODULE_SLOTS,
};

PyMODINIT_FUNC PyInit__index(void) { return PyModuleDef_Init(&MODULE); }
