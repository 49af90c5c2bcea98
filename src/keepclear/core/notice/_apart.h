/* Apart: whether two footprints stay apart by so many metres along the geodesic, decided on the sphere of directions.
 *
 * A point of the ellipsoid is the direction in which it lies from the centre of the Earth, a unit vector. There a
 * geodesic edge is nearly an arc of a great circle: docs/adr/0007-compiled-kernels.md bounds by how much it is not, and
 * by how much an angle, times the radius there, differs from the distance. What is decided is outside both bounds;
 * what lies within them is DOUBTFUL, and is for the exact function to say.
 */
#ifndef KEEPCLEAR_APART_H
#define KEEPCLEAR_APART_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define EQUATOR_RADIUS_M 6378137.0
#define FLATTENING (1.0 / 298.257223563)
#define POLE_RADIUS_M (EQUATOR_RADIUS_M * (1.0 - FLATTENING))
#define ECCENTRICITY2 (FLATTENING * (2.0 - FLATTENING))

/* The tangent of the largest angle between the vertical and the direction from the centre, rounded up, and how much
 * longer that makes a way than radius times angle, at most. */
#define TILT 0.0033585
#define STRETCH 1.0000057

/* An edge of L metres is within OFF_PER_M2 L^2 of the arc between its ends, up to EDGE_MOST_M. */
#define OFF_PER_M2 6.7e-11
#define EDGE_MOST_M 1.0e6

/* Six millimetres, far above what rounding does to a unit vector; and what the exact function may be off, twice. */
#define SLACK_RAD 1e-9
#define EXACT_M 0.002

/* Wider footprints, and wider gaps, are left to the exact function: below it everything is well within a hemisphere. */
#define WIDE_RAD 0.35

typedef struct {
    double x, y, z;
} Vector;

typedef enum { POINT = 0, LINE = 1, POLYGON = 2 } Shape;
typedef enum { APART = 0, DOUBTFUL = 1, NEAR = 2 } Verdict;

/* The points from `first` up to `end`; those of a polygon end with the first again. A hole belongs to the ring before
 * it that is not one. */
typedef struct {
    int32_t first, end;
    bool hole;
} Ring;

/* A skeleton, and by what it is widened. `reach_rad`: no point of it is farther from `centre`. `off_m`: its true edges
 * are as near as that to the arcs between its points. `vague`: nothing but `centre` and `reach_rad` is to be used. */
typedef struct {
    Vector centre;
    double reach_rad, off_m, radius_m, margin_m, longest_rad;
    bool vague;
    Shape shape;
    int32_t rings, points;
    const Ring *ring;
    const Vector *point;
} Footprint;

/* Angles between which it is doubtful, as sines and as squares of chords. Negative `near`: never near by distance. */
typedef struct {
    double near_rad, near_sine, near_chord2, far_rad, far_sine, far_chord2;
} Band;

static inline Vector minus(Vector a, Vector b) { return (Vector){a.x - b.x, a.y - b.y, a.z - b.z}; }
static inline Vector plus(Vector a, Vector b) { return (Vector){a.x + b.x, a.y + b.y, a.z + b.z}; }
static inline Vector times(double k, Vector a) { return (Vector){k * a.x, k * a.y, k * a.z}; }
static inline double dot(Vector a, Vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static inline Vector cross(Vector a, Vector b) {
    return (Vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
static inline Vector unit(Vector a) { return times(1.0 / sqrt(dot(a, a)), a); }
static inline double chord2(Vector a, Vector b) {
    Vector d = minus(a, b);
    return dot(d, d);
}
static inline double angle_rad(double chord) { return 2.0 * asin(fmin(chord / 2.0, 1.0)); }

/* The normal of the plane of an arc: half of (a - b) x (a + b) is a x b, without its cancellation. */
static inline Vector normal(Vector a, Vector b) { return unit(cross(minus(a, b), plus(a, b))); }

static inline Vector direction(double lat_deg, double lon_deg) {
    double phi = lat_deg * (M_PI / 180.0), lam = lon_deg * (M_PI / 180.0);
    double ring = cos(phi);
    return unit((Vector){ring * cos(lam), ring * sin(lam), (1.0 - ECCENTRICITY2) * sin(phi)});
}

static inline double radius_m(Vector at) {
    double across = (at.x * at.x + at.y * at.y) / (EQUATOR_RADIUS_M * EQUATOR_RADIUS_M);
    return 1.0 / sqrt(across + at.z * at.z / (POLE_RADIUS_M * POLE_RADIUS_M));
}

/* The band for two footprints that have to be `asked_m` apart beyond their margins. */
static Band band_between(const Footprint *one, const Footprint *two, double asked_m) {
    // Told by both numbers, so that the answer is the same whichever is asked about.
    bool is_one = one->reach_rad < two->reach_rad || (one->reach_rad == two->reach_rad && one->radius_m < two->radius_m);
    const Footprint *lesser = is_one ? one : two;
    double apart_m = asked_m + one->margin_m + two->margin_m, off_m = one->off_m + two->off_m + EXACT_M;
    // A way this long from the lesser one goes no farther astray, a thousandth added for the radius that is not known yet.
    double astray = lesser->reach_rad + 1.001 * (apart_m + off_m) / POLE_RADIUS_M;
    double vary = TILT * astray * (1.0 + TILT * astray) + 1e-12;
    return (Band){
        .far_rad = (apart_m + off_m) / (lesser->radius_m * (1.0 - vary)) + SLACK_RAD,
        .near_rad = (apart_m - off_m) / (lesser->radius_m * (1.0 + vary) * STRETCH) - SLACK_RAD,
    };
}

/* The same band as what is compared with it. */
static void band_drawn(Band *band) {
    double far_chord = 2.0 * sin(band->far_rad / 2.0), near_chord = 2.0 * sin(band->near_rad / 2.0);
    band->far_sine = sin(band->far_rad);
    band->far_chord2 = far_chord * far_chord;
    band->near_sine = band->near_rad < 0.0 ? -1.0 : sin(band->near_rad);
    band->near_chord2 = band->near_rad < 0.0 ? -1.0 : near_chord * near_chord;
}

static inline Verdict by_chord2(double found, const Band *band) {
    if (found > band->far_chord2) return APART;
    return found <= band->near_chord2 ? NEAR : DOUBTFUL;
}

/* How near a point is to an arc, whose plane has the normal `plane`, from which the point is `offset` away. */
static inline Verdict point_and_arc(Vector at, Vector a, Vector b, Vector plane, double offset, const Band *band) {
    offset = fabs(offset);
    if (offset > band->far_sine) return APART;
    Vector from_a = minus(at, a), from_b = minus(at, b);
    if (dot(cross(plane, a), from_a) >= 0.0 && dot(cross(plane, b), from_b) <= 0.0)
        return offset <= band->near_sine ? NEAR : DOUBTFUL;
    return by_chord2(fmin(dot(from_a, from_a), dot(from_b, from_b)), band);
}

/* Whether a point is clear of a plane by more than the edge in it may stray: the plane of a short arc turns more. */
static inline bool is_clear(double offset, double off_m, Vector at, Vector a, Vector b) {
    double turn = sqrt(chord2(at, a) / chord2(a, b));
    return fabs(offset) > off_m / POLE_RADIUS_M + SLACK_RAD * (1.0 + turn);
}

typedef struct {
    Vector a, b, plane;
    double off_m;
} Arc;

/* Two arcs, of which the one's ends are `off_c` and `off_d` from the plane of the other. */
static Verdict arc_and_arc(const Arc *one, Vector c, Vector d, double off_c, double off_d, double off_m, const Band *band) {
    Vector plane = normal(c, d);
    double off_a = dot(plane, minus(one->a, c)), off_b = dot(plane, minus(one->b, c));
    if (off_a * off_b <= 0.0 && off_c * off_d <= 0.0) {
        bool sure = is_clear(off_a, off_m, one->a, c, d) && is_clear(off_b, off_m, one->b, c, d) &&
                    is_clear(off_c, one->off_m, c, one->a, one->b) && is_clear(off_d, one->off_m, d, one->a, one->b);
        return sure || band->near_sine >= SLACK_RAD ? NEAR : DOUBTFUL;
    }
    Verdict found = point_and_arc(c, one->a, one->b, one->plane, off_c, band);
    Verdict next = point_and_arc(d, one->a, one->b, one->plane, off_d, band);
    if (next > found) found = next;
    next = point_and_arc(one->a, c, d, plane, off_a, band);
    if (next > found) found = next;
    next = point_and_arc(one->b, c, d, plane, off_b, band);
    return next > found ? next : found;
}

/* Which arcs of a footprint, by the number of their first point, come within `far_rad` of where another reaches. */
static int32_t arcs_in_reach(const Footprint *of, const Footprint *other, double far_rad, int32_t *found) {
    double reach = other->reach_rad + far_rad + of->longest_rad / 2.0 + SLACK_RAD;
    int32_t count = 0;
    for (int32_t r = 0; r < of->rings; r++) {
        double before = chord2(of->point[of->ring[r].first], other->centre);
        for (int32_t k = of->ring[r].first; k + 1 < of->ring[r].end; k++) {
            double after = chord2(of->point[k + 1], other->centre);
            if (fmin(before, after) <= reach * reach) found[count++] = k;
            before = after;
        }
    }
    return count;
}

static Verdict by_arcs(const Footprint *one, const Footprint *two, const Band *band, int32_t *scratch) {
    int32_t ones = arcs_in_reach(one, two, band->far_rad, scratch), *others = scratch + ones;
    int32_t twos = arcs_in_reach(two, one, band->far_rad, others);
    Verdict best = APART;
    for (int32_t i = 0; i < ones; i++) {
        Arc arc = {.a = one->point[scratch[i]], .b = one->point[scratch[i] + 1], .off_m = one->off_m};
        arc.plane = normal(arc.a, arc.b);
        for (int32_t j = 0; j < twos; j++) {
            Vector c = two->point[others[j]], d = two->point[others[j] + 1];
            double off_c = dot(arc.plane, minus(c, arc.a)), off_d = dot(arc.plane, minus(d, arc.a));
            // An arc with both ends on one side of a plane is nearest to the plane at an end.
            if (off_c > band->far_sine && off_d > band->far_sine) continue;
            if (off_c < -band->far_sine && off_d < -band->far_sine) continue;
            Verdict found = arc_and_arc(&arc, c, d, off_c, off_d, two->off_m, band);
            if (found == NEAR) return NEAR;
            if (found > best) best = found;
        }
    }
    return best;
}

static Verdict point_and_arcs(Vector at, const Footprint *of, const Band *band) {
    Verdict best = APART;
    for (int32_t r = 0; r < of->rings; r++) {
        for (int32_t k = of->ring[r].first; k + 1 < of->ring[r].end; k++) {
            Vector a = of->point[k], b = of->point[k + 1], plane = normal(a, b);
            Verdict found = point_and_arc(at, a, b, plane, dot(plane, minus(at, a)), band);
            if (found == NEAR) return NEAR;
            if (found > best) best = found;
        }
    }
    return best;
}

/* Whether an arc from a point to what is certainly outside crosses the arcs of a ring an odd number of times. */
static bool crosses_oddly(Vector at, Vector plane, const Vector *point, const Ring *ring) {
    Vector ahead = cross(plane, at);
    bool odd = false;
    double before = dot(plane, point[ring->first]);
    for (int32_t k = ring->first; k + 1 < ring->end; k++) {
        double after = dot(plane, point[k + 1]);
        if ((before >= 0.0) != (after >= 0.0)) {
            Vector met = plus(times(fabs(after), point[k]), times(fabs(before), point[k + 1]));
            if (dot(ahead, met) > 0.0) odd = !odd;
        }
        before = after;
    }
    return odd;
}

/* Whether a point is inside a polygon of arcs; meant for points that are not within SLACK_RAD of any of them. */
static bool is_inside(Vector at, const Footprint *of) {
    Vector axis = fabs(of->centre.x) < 0.5 ? (Vector){1, 0, 0} : (Vector){0, 1, 0};
    // A quarter of a turn from its centre nothing of it is left.
    Vector plane = cross(at, cross(of->centre, axis));
    bool inside = false;
    for (int32_t r = 0; r < of->rings; r++) {
        if (!of->ring[r].hole) {
            if (inside) return true;
            inside = crosses_oddly(at, plane, of->point, &of->ring[r]);
        } else if (inside && crosses_oddly(at, plane, of->point, &of->ring[r])) {
            inside = false;
        }
    }
    return inside;
}

/* NEAR where a point of the one lies so deep in the other that no edge strays past it. */
static Verdict by_inside(const Footprint *inner, const Footprint *outer) {
    if (outer->shape != POLYGON) return APART;
    double tight = outer->off_m / POLE_RADIUS_M + SLACK_RAD, reach = outer->reach_rad + SLACK_RAD;
    Band stray = {.near_sine = -1.0, .near_chord2 = -1.0, .far_rad = tight, .far_sine = tight, .far_chord2 = tight * tight};
    Verdict best = APART;
    for (int32_t r = 0; r < inner->rings; r++) {
        Vector at = inner->point[inner->ring[r].first];
        if (inner->ring[r].hole || chord2(at, outer->centre) > reach * reach) continue;
        if (!is_inside(at, outer)) continue;
        if (point_and_arcs(at, outer, &stray) == APART) return NEAR;
        best = DOUBTFUL;
    }
    return best;
}

/* Whether two footprints are apart by more than `asked_m`, beyond their margins; `scratch` has room for all points. */
static Verdict nearness(const Footprint *one, const Footprint *two, double asked_m, int32_t *scratch) {
    if (one->vague || two->vague) return DOUBTFUL;
    Band band = band_between(one, two, asked_m);
    if (!(band.far_rad <= WIDE_RAD)) return DOUBTFUL;
    double reach = one->reach_rad + two->reach_rad + band.far_rad, apart2 = chord2(one->centre, two->centre);
    if (apart2 > reach * reach) return APART;
    band_drawn(&band);
    if (one->shape == POINT && two->shape == POINT) return by_chord2(apart2, &band);
    Verdict best;
    if (one->shape == POINT) {
        best = point_and_arcs(one->point[0], two, &band);
    } else if (two->shape == POINT) {
        best = point_and_arcs(two->point[0], one, &band);
    } else {
        best = by_arcs(one, two, &band, scratch);
    }
    if (best == NEAR) return NEAR;
    Verdict within = by_inside(one, two);
    if (within != NEAR) {
        Verdict around = by_inside(two, one);
        if (around > within) within = around;
    }
    return within > best ? within : best;
}

#endif
