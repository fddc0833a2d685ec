// The reader of assembly, on short pieces of what the compiler reports.
import { describe, expect, test } from "vitest";
import { blocksOf, exposedWaits, instructionsIn, loopsOf, mixOf, multiplyAddsIn } from "./assembly.ts";
import { reportOf } from "./kernel-report.ts";

/** RDNA 3: two loads in arms of their own, each waited for at once, then multiply-adds. */
const SERIAL = `BB0:
	s_load_b128 s[8:11], s[2:3], null                           ; f4080201 f8000000
	(then repeated 2 times)
BB1:
	s_cmp_lt_u32 s12, s6                                        ; bf0a060c
	s_cbranch_scc0 BB6                                          ; bfa10158
BB2:
	s_and_saveexec_b64 s[26:27], s[26:27]                       ; be9a211a
	s_cbranch_execz BB4                                         ; bfa5000b
BB3:
	buffer_load_b128 v[40:43], v33, s[32:35], 0 offen           ; e05c0000 80482821
	s_waitcnt vmcnt(0)                                          ; bf8903f7
BB4:
	buffer_load_b128 v[51:54], v31, s[32:35], 0 offen           ; e05c0000 8048331f
	s_waitcnt vmcnt(0) lgkmcnt(1)                               ; bf8903f7
	ds_load_b128 v[56:59], v1                                   ; dbfc0000 38000001
	v_dual_fmac_f32 v27, v59, v51 :: v_dual_fmac_f32 v4, v59, v52 ; c8c40000
	v_dual_mul_f32 v27, v59, v51 :: v_dual_fmac_f32 v4, v59, v52 ; c8c40000
	v_fma_f32 v1, v2, v3, v4                                    ; d6130001
	v_mad_u32_u24 v30, 0x2200, v11, v30                         ; d60b001e
	v_pk_fma_f32 v[0:1], v[2:3], v[4:5], v[0:1]                 ; d3b04000
	ds_store_b128 v1, v[4:7]                                    ; db7c0000 00000401
	buffer_store_b128 v[28:31], v1, s[24:27], 0 offen           ; e0740000 80461c01
	s_barrier                                                   ; bfbd0000
	s_branch BB1                                                ; bfa0fcb8
BB6:
	s_endpgm                                                    ; bfb00000
`;

/** A loop with loads at its begin and a wait at its end. */
const hidden = (multiplyAdds: number): string => `BB0:
	buffer_load_dwordx4 v[0:3], v33, s[32:35], 0 offen          ; e05c0000
BB1:
	s_waitcnt vmcnt(0)                                          ; bf8c0f70
	ds_write_b128 v1, v[0:3]                                    ; d9be0000
	s_barrier                                                   ; bf8a0000
	buffer_load_dwordx4 v[0:3], v33, s[32:35], 0 offen          ; e05c0000
${"	v_mac_f32_e32 v27, v59, v51                                 ; 2c36673b\n".repeat(multiplyAdds)}	s_cbranch_scc0 BB1                                          ; bf84ffab
BB2:
	s_endpgm                                                    ; bf810000
`;

const all = (assembly: string) => blocksOf(assembly).flatMap(({ instructions }) => instructions);

test("blocks have their labels, instructions their names and operands, and repeated ones are counted", () => {
  const blocks = blocksOf(SERIAL);
  expect(blocks.map(({ label }) => label)).toEqual([0, 1, 2, 3, 4, 6]);
  expect(blocks[0].instructions.map(({ name }) => name)).toEqual(["s_load_b128", "s_load_b128", "s_load_b128"]);
  expect(blocks[3].instructions[0]).toMatchObject({ kind: "load", operands: "v[40:43], v33, s[32:35], 0 offen" });
});

test("each kind is counted once, and a pair of multiply-adds as two products in one instruction", () => {
  const loop = instructionsIn(blocksOf(SERIAL), { from: 1, to: 4 });
  expect(mixOf(loop)).toEqual({
    multiplyAdd: 4,
    matrix: 0,
    valu: 1,
    lds: 2,
    load: 2,
    store: 1,
    scalarLoad: 0,
    salu: 2,
    wait: 2,
    barrier: 1,
    branch: 3,
    hint: 0,
  });
  expect(multiplyAddsIn(loop)).toBe(2 + 1 + 1 + 2);
});

test("an instruction of no known kind is an error", () => {
  expect(() => blocksOf("BB0:\n\ttensor_load_to_lds s[0:3]   ; 00\n")).toThrow("no known kind: tensor_load_to_lds");
});

test("a loop goes from the target of a branch backwards to the last such branch", () => {
  expect(loopsOf(blocksOf(SERIAL))).toEqual([{ from: 1, to: 4 }]);
  expect(loopsOf(blocksOf(hidden(1)))).toEqual([{ from: 1, to: 1 }]);
});

describe("exposed waits", () => {
  test("loads in arms of their own are waited for one after another", () => {
    expect(exposedWaits(instructionsIn(blocksOf(SERIAL), { from: 1, to: 4 }), true)).toBe(2);
  });

  test("a load that the multiply-adds of the turn before hide is none", () => {
    expect(exposedWaits(instructionsIn(blocksOf(hidden(8)), { from: 1, to: 1 }), true)).toBe(0);
  });

  test("a load without multiply-adds behind it is one", () => {
    expect(exposedWaits(instructionsIn(blocksOf(hidden(0)), { from: 1, to: 1 }), true)).toBe(1);
  });

  const load = "\tbuffer_load_b128 v[0:3], v33, s[32:35], 0 offen ; e0\n";
  const wait = (left: number): string => `\ts_waitcnt vmcnt(${left}) ; bf\n`;

  test("loads issued together count once", () => {
    expect(exposedWaits(all(`BB0:\n${load.repeat(3)}${wait(2)}${wait(1)}${wait(0)}`), false)).toBe(1);
  });

  test("a wait that leaves all loads pending is none", () => {
    expect(exposedWaits(all(`BB0:\n${load.repeat(3)}${wait(3)}`), false)).toBe(0);
  });

  test("a load after a wait begins anew", () => {
    expect(exposedWaits(all(`BB0:\n${load}${wait(0)}${load}${wait(0)}`), false)).toBe(2);
  });
});

describe("a kernel's report", () => {
  const statistics = {
    "Subgroup size": 64,
    VGPRs: 120,
    SGPRs: 128,
    "Spilled VGPRs": 1,
    "Spilled SGPRs": 2,
    "Scratch size": 4,
    "LDS size": 8704,
    "Subgroups per SIMD": 12,
    "Code size": 100,
  };
  const pipeline = { name: "gemm", n: 0, milliseconds: 1, statistics, assembly: SERIAL };

  test("subgroups per SIMD are halved where Mesa counts subgroups of 32", () => {
    expect(reportOf(pipeline, true)).toMatchObject({ vectorRegisters: 120, spills: 3, scratchBytes: 4, subgroups: 6 });
    expect(reportOf(pipeline, false).subgroups).toBe(12);
  });

  test("the loop's blocks are those with vector instructions", () => {
    expect(reportOf(pipeline, true).loop).toMatchObject({ blocks: 2, multiplyAdds: 6, exposedWaits: 2, rate: 4 / 5 });
  });

  test("a text without loops, or none at all, has no loop", () => {
    expect(reportOf({ ...pipeline, assembly: "BB0:\n\tv_fma_f32 v1, v2, v3, v4 ; d6\n" }, true).loop).toBeNull();
    expect(reportOf({ ...pipeline, assembly: "no disassembler for this GPU" }, true).loop).toBeNull();
  });

  /** GCN keeps the loop over workgroup memory: two multiply-adds in each of its turns. */
  const nested = `BB0:
	s_mov_b32 s0, 0                                             ; be
BB1:
	buffer_load_dwordx4 v[0:3], v33, s[32:35], 0 offen          ; e05c0000
	s_waitcnt vmcnt(0)                                          ; bf8c0f70
BB2:
	ds_read_b128 v[0:3], v1                                     ; d9be0000
	v_mac_f32_e32 v27, v59, v51                                 ; 2c36673b
	v_mac_f32_e32 v28, v59, v52                                 ; 2c36673b
	s_cbranch_scc0 BB2                                          ; bf84ffab
BB3:
	s_cbranch_scc0 BB1                                          ; bf84ffab
BB4:
	s_endpgm                                                    ; bf810000
`;

  test("the turns of a kept inner loop are multiplied out by the products that are asked for", () => {
    const loop = reportOf({ ...pipeline, assembly: nested }, false, 16).loop;
    expect(loop).toMatchObject({ innerTurns: 8, multiplyAdds: 16, instructions: 3 + 8 * 4, blocks: 2, exposedWaits: 1 });
    expect(loop?.mix).toMatchObject({ multiplyAdd: 16, lds: 8, load: 1, branch: 9 });
  });
});
