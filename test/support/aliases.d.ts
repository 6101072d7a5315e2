// The lowest and older supported versions, installed beside the newest one under names of their own. For the few calls that the
// tests make, the types of the newest version are right for all.

declare module 'express-4' {
  import express from 'express';

  export default express;
}

declare module 'express-4-lowest' {
  import express from 'express';

  export default express;
}
