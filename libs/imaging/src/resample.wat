;; The two passes of resizing, four or eight samples at a time. resample.ts explains the filter;
;; weights are integers whose sum is 1 << 22, so a sum of products and half of that, shifted right
;; by 22, is the rounded level.
;;
;; resample.wasm is this text, compiled by `wat2wasm resample.wat` (wabt 1.0.39).
(module
  (memory (export "memory") 1)

  ;; Along the lines. Each of `lines` lines of `size` bytes from `source` gives `count` bytes, at
  ;; `target` and then every `stride` bytes. Output i is the sum over 8 × `groups` bytes from
  ;; firsts[i] with weights of its own; bytes read beyond the line have weight 0.
  (func (export "resampleColumns")
    (param $source i32) (param $lines i32) (param $size i32)
    (param $target i32) (param $stride i32) (param $count i32)
    (param $firsts i32) (param $weights i32) (param $groups i32)
    (local $i i32) (local $at i32) (local $weight i32) (local $group i32)
    (local $levels v128) (local $sum v128)
    (loop $line
      (local.set $i (i32.const 0))
      (local.set $weight (local.get $weights))
      (loop $output
        (local.set $at
          (i32.add (local.get $source)
            (i32.load (i32.add (local.get $firsts) (i32.shl (local.get $i) (i32.const 2))))))
        (local.set $sum (i32x4.splat (i32.const 0)))
        (local.set $group (local.get $groups))
        (loop $eight
          (local.set $levels (v128.load8x8_u (local.get $at)))
          (local.set $sum
            (i32x4.add
              (local.get $sum)
              (i32x4.add
                (i32x4.mul (i32x4.extend_low_i16x8_u (local.get $levels))
                  (v128.load (local.get $weight)))
                (i32x4.mul (i32x4.extend_high_i16x8_u (local.get $levels))
                  (v128.load offset=16 (local.get $weight))))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 32)))
          (br_if $eight
            (local.tee $group (i32.sub (local.get $group) (i32.const 1)))))
        (local.set $sum
          (i32x4.add (local.get $sum)
            (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
              (local.get $sum) (local.get $sum))))
        (i32.store8 (i32.add (local.get $target) (local.get $i))
          (i32.shr_s
            (i32.add
              (i32.add (i32x4.extract_lane 0 (local.get $sum))
                (i32x4.extract_lane 1 (local.get $sum)))
              (i32.const 2097152))
            (i32.const 22)))
        (br_if $output
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $count))))
      (local.set $source (i32.add (local.get $source) (local.get $size)))
      (local.set $target (i32.add (local.get $target) (local.get $stride)))
      (br_if $line (local.tee $lines (i32.sub (local.get $lines) (i32.const 1))))))

  ;; Across the lines. Lines are `stride` bytes apart, a multiple of 8; output line i is the sum
  ;; over `taps` lines from firsts[i], whose weights are `step` bytes after those of line i - 1.
  (func (export "resampleRows")
    (param $source i32) (param $stride i32)
    (param $target i32) (param $count i32)
    (param $firsts i32) (param $weights i32) (param $taps i32) (param $step i32)
    (local $base i32) (local $x i32) (local $at i32) (local $weight i32) (local $tap i32)
    (local $levels v128) (local $factor v128) (local $low v128) (local $high v128)
    (loop $line
      (local.set $base
        (i32.add (local.get $source)
          (i32.mul (i32.load (local.get $firsts)) (local.get $stride))))
      (local.set $x (i32.const 0))
      (loop $eight
        (local.set $low (i32x4.splat (i32.const 2097152)))
        (local.set $high (local.get $low))
        (local.set $at (i32.add (local.get $base) (local.get $x)))
        (local.set $weight (local.get $weights))
        (local.set $tap (local.get $taps))
        (loop $next
          (local.set $levels (v128.load8x8_u (local.get $at)))
          (local.set $factor (v128.load32_splat (local.get $weight)))
          (local.set $low
            (i32x4.add (local.get $low)
              (i32x4.mul (i32x4.extend_low_i16x8_u (local.get $levels)) (local.get $factor))))
          (local.set $high
            (i32x4.add (local.get $high)
              (i32x4.mul (i32x4.extend_high_i16x8_u (local.get $levels)) (local.get $factor))))
          (local.set $at (i32.add (local.get $at) (local.get $stride)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
          (br_if $next (local.tee $tap (i32.sub (local.get $tap) (i32.const 1)))))
        (local.set $levels
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (local.get $low) (i32.const 22))
            (i32x4.shr_s (local.get $high) (i32.const 22))))
        (v128.store64_lane 0 (i32.add (local.get $target) (local.get $x))
          (i8x16.narrow_i16x8_u (local.get $levels) (local.get $levels)))
        (br_if $eight
          (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 8))) (local.get $stride))))
      (local.set $target (i32.add (local.get $target) (local.get $stride)))
      (local.set $firsts (i32.add (local.get $firsts) (i32.const 4)))
      (local.set $weights (i32.add (local.get $weights) (local.get $step)))
      (br_if $line (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))))
