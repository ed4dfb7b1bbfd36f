/* What the body of a kernel says to hand a call over to Python; see bridge.c. The text stands in front of the user's. */
#ifdef __cplusplus
extern "C" {
#endif
void lw_guest_open(const char *lw_executable, const char *lw_root, const char *lw_request);
void lw_guest_integer(const char *lw_name, long long lw_value);
void lw_guest_real(const char *lw_name, double lw_value);
void lw_guest_array(const char *lw_name, const char *lw_type, const volatile void *lw_address);
void lw_guest_call(void);
long long lw_guest_call_integer(void);
double lw_guest_call_real(void);
#ifdef __cplusplus
}
#endif
