#include "screen_paint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	const uint8_t *data;
	uint8_t       *own; // data, if it was made here
	int            stride, w, h;
} plane;

static inline uint8_t clamp(int v) { return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v; }

// One line of YCbCr to RGBA: BT.601, black at 16 and white at 235, in 1/256.
static inline void pixel(uint8_t *d, int y, int u, int v) {
	int c = 298 * (y - 16) + 128;
	d[0] = clamp((c + 409 * v) >> 8);
	d[1] = clamp((c - 100 * u - 208 * v) >> 8);
	d[2] = clamp((c + 516 * u) >> 8);
	d[3] = 255;
}

static void line(uint8_t *restrict d, const uint8_t *restrict y, const uint8_t *restrict u, const uint8_t *restrict v, int n) {
	for (int i = 0; i < n / 2; i++) {
		int cu = u[i] - 128, cv = v[i] - 128;
		pixel(d + 8 * i, y[2 * i], cu, cv);
		pixel(d + 8 * i + 4, y[2 * i + 1], cu, cv);
	}
	if (n & 1) pixel(d + 4 * (n - 1), y[n - 1], u[n / 2] - 128, v[n / 2] - 128);
}

// One line of 2×2 means; the usual case, and quick.
static void halve(uint8_t *restrict out, const uint8_t *restrict s, int stride, int n) {
	const uint8_t *t = s + stride;
	for (int x = 0; x < n; x++) out[x] = (s[2 * x] + s[2 * x + 1] + t[2 * x] + t[2 * x + 1] + 2) >> 2;
}

// Averages k×k blocks, so that a picture made much smaller does not flicker.
static int shrink(plane *p, int k) {
	int w = p->w / k, h = p->h / k;
	if (w < 1) w = 1;
	if (h < 1) h = 1;
	uint8_t  *out = malloc((size_t)w * h);
	uint32_t *sum = malloc(sizeof(uint32_t) * w);
	if (!out || !sum) {
		free(out);
		free(sum);
		return -1;
	}
	if (k == 2 && p->w >= 2 && p->h >= 2) {
		for (int y = 0; y < h; y++) halve(out + (size_t)y * w, p->data + (size_t)2 * y * p->stride, p->stride, w);
		free(sum);
		p->data = p->own = out;
		p->stride = p->w = w;
		p->h = h;
		return 0;
	}
	int kx = p->w / w < k ? p->w / w : k, ky = p->h / h < k ? p->h / h : k;
	uint32_t area = kx * ky;
	for (int y = 0; y < h; y++) {
		memset(sum, 0, sizeof(uint32_t) * w);
		for (int j = 0; j < ky; j++) {
			const uint8_t *s = p->data + (size_t)(y * ky + j) * p->stride;
			for (int x = 0; x < w; x++)
				for (int i = 0; i < kx; i++) sum[x] += s[x * kx + i];
		}
		for (int x = 0; x < w; x++) out[(size_t)y * w + x] = (sum[x] + area / 2) / area;
	}
	free(sum);
	p->data = p->own = out;
	p->stride = p->w = w;
	p->h = h;
	return 0;
}

// Where the samples of one line of n come from in a line of m: the left one's index and the right one's share in 1/256.
static void plan(int32_t *at, uint16_t *part, int n, int m, int mirror) {
	for (int i = 0; i < n; i++) {
		int64_t pos = ((int64_t)(2 * i + 1) * m * 128) / n - 128; // centre to centre, in 1/256
		if (pos < 0) pos = 0;
		if (pos > (int64_t)(m - 1) * 256) pos = (int64_t)(m - 1) * 256;
		int a = (int)(pos >> 8), f = (int)(pos & 255);
		if (a == m - 1 && m > 1) a = m - 2, f = 256;
		int to = mirror ? n - 1 - i : i;
		at[to] = a;
		part[to] = f;
	}
}

// One scaled line: down or up first, into tmp, then across.
static void sample(uint8_t *restrict out, uint8_t *restrict tmp, const plane *p, int row, int rowpart, const int32_t *restrict at,
                   const uint16_t *restrict part, int n) {
	const uint8_t *a = p->data + (size_t)row * p->stride;
	const uint8_t *b = row + 1 < p->h ? a + p->stride : a;
	for (int x = 0; x < p->w; x++) tmp[x] = (a[x] * (256 - rowpart) + b[x] * rowpart + 128) >> 8;
	tmp[p->w] = tmp[p->w - 1];
	for (int i = 0; i < n; i++) {
		const uint8_t *s = tmp + at[i];
		out[i] = (s[0] * (256 - part[i]) + s[1] * part[i] + 128) >> 8;
	}
}

// Colour is sampled at half the size of dst, as 4:2:0 has it anyway.
static void scaled(uint8_t *dst, int dst_stride, int dw, int dh, const plane *p, int mirror) {
	int cdw = (dw + 1) / 2, cdh = (dh + 1) / 2;
	int widest = (p[0].w > p[1].w ? p[0].w : p[1].w) + 1;
	int steps = dw + cdw + dh + cdh;
	int32_t  *at = malloc(sizeof(int32_t) * (size_t)steps);
	uint16_t *part = malloc(sizeof(uint16_t) * (size_t)steps);
	uint8_t  *lines = malloc((size_t)dw + 2 * (size_t)cdw + widest);
	if (at && part && lines) {
		int32_t  *cat = at + dw, *row = cat + cdw, *crow = row + dh;
		uint16_t *cpart = part + dw, *rpart = cpart + cdw, *crpart = rpart + dh;
		plan(at, part, dw, p[0].w, mirror);
		plan(cat, cpart, cdw, p[1].w, mirror);
		plan(row, rpart, dh, p[0].h, 0);
		plan(crow, crpart, cdh, p[1].h, 0);
		uint8_t *y = lines, *u = y + dw, *v = u + cdw, *tmp = v + cdw;
		for (int j = 0; j < dh; j++) {
			sample(y, tmp, &p[0], row[j], rpart[j], at, part, dw);
			if (j % 2 == 0) {
				sample(u, tmp, &p[1], crow[j / 2], crpart[j / 2], cat, cpart, cdw);
				sample(v, tmp, &p[2], crow[j / 2], crpart[j / 2], cat, cpart, cdw);
			}
			line(dst + (size_t)j * dst_stride, y, u, v, dw);
		}
	}
	free(at);
	free(part);
	free(lines);
}

void sundog_paint(unsigned char *dst, int dst_stride, int dw, int dh, const unsigned char *y, const unsigned char *cb, const unsigned char *cr,
                  int ystride, int cstride, int sw, int sh, int mirror) {
	int   cw = (sw + 1) / 2, ch = (sh + 1) / 2;
	plane p[3] = {{y, 0, ystride, sw, sh}, {cb, 0, cstride, cw, ch}, {cr, 0, cstride, cw, ch}};
	int   k = sw / dw < sh / dh ? sw / dw : sh / dh;
	int   ok = k < 2 || (!shrink(&p[0], k) && !shrink(&p[1], k) && !shrink(&p[2], k));
	if (ok && p[0].w == dw && p[0].h == dh && p[1].w == (dw + 1) / 2 && p[1].h == (dh + 1) / 2 && !mirror) {
		for (int j = 0; j < dh; j++)
			line(dst + (size_t)j * dst_stride, p[0].data + (size_t)j * p[0].stride, p[1].data + (size_t)(j / 2) * p[1].stride,
			     p[2].data + (size_t)(j / 2) * p[2].stride, dw);
	} else if (ok) {
		scaled(dst, dst_stride, dw, dh, p, mirror);
	}
	for (int i = 0; i < 3; i++) free(p[i].own);
}
