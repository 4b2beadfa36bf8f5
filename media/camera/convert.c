#include "convert.h"

#include <stdint.h>
#include <stdlib.h>

// BT.601 in 1/256: 65.738 129.057 25.064, -37.945 -74.494 112.439, 112.439 -94.154 -18.285.
static void luma(const uint8_t *restrict p, uint8_t *restrict y, int n) {
	for (int i = 0; i < n; i++) y[i] = (66 * p[4 * i] + 129 * p[4 * i + 1] + 25 * p[4 * i + 2] + 128 + 16 * 256) >> 8;
}

static void chroma(const uint8_t *restrict a, const uint8_t *restrict b, uint8_t *restrict cb, uint8_t *restrict cr, int n) {
	for (int i = 0; i < n; i++) {
		const uint8_t *s = a + 8 * i, *t = b + 8 * i;
		int red = s[0] + s[4] + t[0] + t[4], green = s[1] + s[5] + t[1] + t[5], blue = s[2] + s[6] + t[2] + t[6];
		cb[i] = (-38 * red - 74 * green + 112 * blue + 512 + 128 * 1024) >> 10;
		cr[i] = (112 * red - 94 * green - 18 * blue + 512 + 128 * 1024) >> 10;
	}
}

// What one sample of the smaller picture is made of: the source's samples from first on, by their shares in 1/256, edges included, so that
// text stays even. The shares of one sample sum up to 256.
typedef struct {
	int32_t  *first, *count;
	uint16_t *share; // most per sample
	int       most;
} taps;

static int plan(taps *t, int n, int m) {
	t->most = m / n + 2;
	t->first = malloc(sizeof(int32_t) * n);
	t->count = malloc(sizeof(int32_t) * n);
	t->share = malloc(sizeof(uint16_t) * (size_t)n * t->most);
	if (!t->first || !t->count || !t->share) return 0;
	for (int i = 0; i < n; i++) {
		int64_t   from = (int64_t)i * m * 256 / n, to = (int64_t)(i + 1) * m * 256 / n;
		uint16_t *share = t->share + (size_t)i * t->most;
		int       left = 256, count = 0;
		t->first[i] = (int32_t)(from >> 8);
		for (int64_t j = from >> 8; j * 256 < to && count < t->most; j++) {
			int64_t a = j * 256 > from ? j * 256 : from, b = (j + 1) * 256 < to ? (j + 1) * 256 : to;
			share[count] = (uint16_t)((b - a) * 256 / (to - from));
			left -= share[count++];
		}
		share[count / 2] += left; // what rounding took
		t->count[i] = count;
	}
	return 1;
}

static void drop(taps *t) {
	free(t->first);
	free(t->count);
	free(t->share);
}

// One line of the smaller picture: first down, into sum, then across.
static void reduce(const uint8_t *restrict src, int stride, int sw, uint8_t *restrict out, uint16_t *restrict sum, int row, int dw, const taps *across,
                   const taps *down) {
	for (int k = 0; k < down->count[row]; k++) {
		uint16_t       share = down->share[(size_t)row * down->most + k];
		const uint8_t *s = src + (size_t)(down->first[row] + k) * stride;
		if (k == 0)
			for (int i = 0; i < 4 * sw; i++) sum[i] = (uint16_t)(share * s[i]);
		else
			for (int i = 0; i < 4 * sw; i++) sum[i] += (uint16_t)(share * s[i]);
	}
	for (int x = 0; x < dw; x++) {
		const uint16_t *share = across->share + (size_t)x * across->most, *s = sum + 4 * across->first[x];
		uint32_t        r = 1 << 15, g = r, b = r;
		for (int k = 0; k < across->count[x]; k++, s += 4) {
			r += (uint32_t)share[k] * s[0];
			g += (uint32_t)share[k] * s[1];
			b += (uint32_t)share[k] * s[2];
		}
		out[4 * x] = r >> 16;
		out[4 * x + 1] = g >> 16;
		out[4 * x + 2] = b >> 16;
		out[4 * x + 3] = 255;
	}
}

int sundog_rgba_to_i420(const unsigned char *src, int stride, int sw, int sh, unsigned char *y, unsigned char *cb, unsigned char *cr, int dw, int dh) {
	int       same = dw <= sw && dh <= sh && sw - dw < 2 && sh - dh < 2; // at most an odd line or column is cut off
	taps      across = {0}, down = {0};
	uint8_t  *two = 0;
	uint16_t *sum = 0;
	int       ok = same;
	if (!same) {
		two = malloc(8 * (size_t)dw);
		sum = malloc(sizeof(uint16_t) * 4 * (size_t)sw);
		ok = two && sum && plan(&across, dw, sw) && plan(&down, dh, sh);
	}
	for (int j = 0; ok && j < dh; j += 2) {
		const uint8_t *a = src + (size_t)j * stride, *b = a + stride;
		if (!same) {
			a = two;
			b = two + 4 * (size_t)dw;
			reduce(src, stride, sw, two, sum, j, dw, &across, &down);
			reduce(src, stride, sw, two + 4 * (size_t)dw, sum, j + 1, dw, &across, &down);
		}
		luma(a, y + (size_t)j * dw, dw);
		luma(b, y + (size_t)(j + 1) * dw, dw);
		chroma(a, b, cb + (size_t)(j / 2) * (dw / 2), cr + (size_t)(j / 2) * (dw / 2), dw / 2);
	}
	drop(&across);
	drop(&down);
	free(two);
	free(sum);
	return ok;
}
