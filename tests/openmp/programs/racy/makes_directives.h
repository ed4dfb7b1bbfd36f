#define DO(x) _Pragma(#x)
