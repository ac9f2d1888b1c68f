#define ELEMENTARY_SINCOS_LIMIT 1e6
#define E(n) static inline double elementary_##n(double x){return (n)(x);}
E(sin) E(cos) E(tan) E(sinh) E(cosh) E(asin) E(acos) E(atan)
static inline void elementary_sincos(double x,double*s,double*c){*s=(sin)(x);*c=(cos)(x);}
