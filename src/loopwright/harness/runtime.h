/* What a generated harness may call; see runtime.c. Included behind the user's text, so no system header, and only
 * names that begin with lw_ or LW_. */
#ifndef LW_RUNTIME_H
#define LW_RUNTIME_H

#ifdef __cplusplus
extern "C" {
#endif

enum { LW_FLOAT, LW_SIGNED, LW_UNSIGNED, LW_BOOL, LW_BYTES };

/* Values of the case, in the order in which the parent wrote them. */
long long lw_integer(void);
double lw_real(void);
unsigned long lw_count(void);

/* Memory of the case: made between red zones, filled, and compared after the call. */
void *lw_array(const char *lw_name, int lw_kind, unsigned long lw_size);
void *lw_rows(const char *lw_name, int lw_kind, unsigned long lw_size);
void *lw_records(unsigned long lw_size);
void lw_member(const char *lw_name, void *lw_base, unsigned long lw_stride, unsigned long lw_offset, int lw_kind,
               unsigned long lw_size, unsigned long lw_repeat);
void lw_bind(const char *lw_name, void *lw_place, int lw_kind, unsigned long lw_size, unsigned long lw_bytes);
void lw_bind_member(const char *lw_name, void *lw_base, unsigned long lw_bytes, unsigned long lw_stride,
                    unsigned long lw_offset, int lw_kind, unsigned long lw_size, unsigned long lw_repeat);

/* Around the call: the clock. */
void lw_start(void);
void lw_stop(void);
void lw_result(int lw_kind, const void *lw_place, unsigned long lw_size);
void lw_exit(int lw_status);
void lw_reseat(const char *lw_name, void *lw_place, unsigned long lw_count_now);

/* Made by the generated part: one case from its first value to the last lw_result. */
void lw_subject(void);

#ifdef __cplusplus
}
#endif

#endif
