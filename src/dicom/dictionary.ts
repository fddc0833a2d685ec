// The DICOM attributes that this project reads or writes, by keyword: tag and value representation (PS3.6). One table for the reader,
// which needs it because implicit VR files carry no VR, and for the writer. Of identifying attributes only the Patient ID is read, to be hashed.

/** Tag as dicom-parser spells it ("x" and eight lower-case hexadecimal digits), and VR. */
export const ATTRIBUTES = {
  MediaStorageSOPClassUID: ["x00020002", "UI"],
  MediaStorageSOPInstanceUID: ["x00020003", "UI"],
  TransferSyntaxUID: ["x00020010", "UI"],
  ImplementationClassUID: ["x00020012", "UI"],
  ImplementationVersionName: ["x00020013", "SH"],
  SpecificCharacterSet: ["x00080005", "CS"],
  ImageType: ["x00080008", "CS"],
  SOPClassUID: ["x00080016", "UI"],
  SOPInstanceUID: ["x00080018", "UI"],
  StudyDate: ["x00080020", "DA"],
  ContentDate: ["x00080023", "DA"],
  StudyTime: ["x00080030", "TM"],
  ContentTime: ["x00080033", "TM"],
  AccessionNumber: ["x00080050", "SH"],
  Modality: ["x00080060", "CS"],
  ConversionType: ["x00080064", "CS"],
  Manufacturer: ["x00080070", "LO"],
  ReferringPhysicianName: ["x00080090", "PN"],
  CodeValue: ["x00080100", "SH"],
  StudyDescription: ["x00081030", "LO"],
  SeriesDescription: ["x0008103e", "LO"],
  ManufacturerModelName: ["x00081090", "LO"],
  DerivationDescription: ["x00082111", "ST"],
  FrameType: ["x00089007", "CS"],
  DerivationCodeSequence: ["x00089215", "SQ"],
  PatientName: ["x00100010", "PN"],
  PatientID: ["x00100020", "LO"],
  PatientBirthDate: ["x00100030", "DA"],
  PatientSex: ["x00100040", "CS"],
  PatientIdentityRemoved: ["x00120062", "CS"],
  DeidentificationMethod: ["x00120063", "LO"],
  BodyPartExamined: ["x00180015", "CS"],
  SliceThickness: ["x00180050", "DS"],
  KVP: ["x00180060", "DS"],
  ReconstructionDiameter: ["x00181100", "DS"],
  GantryDetectorTilt: ["x00181120", "DS"],
  ConvolutionKernel: ["x00181210", "SH"],
  PatientPosition: ["x00185100", "CS"],
  CTReconstructionSequence: ["x00189314", "SQ"],
  CTImageFrameTypeSequence: ["x00189329", "SQ"],
  StudyInstanceUID: ["x0020000d", "UI"],
  SeriesInstanceUID: ["x0020000e", "UI"],
  StudyID: ["x00200010", "SH"],
  SeriesNumber: ["x00200011", "IS"],
  AcquisitionNumber: ["x00200012", "IS"],
  InstanceNumber: ["x00200013", "IS"],
  PatientOrientation: ["x00200020", "CS"],
  ImagePositionPatient: ["x00200032", "DS"],
  ImageOrientationPatient: ["x00200037", "DS"],
  FrameOfReferenceUID: ["x00200052", "UI"],
  PositionReferenceIndicator: ["x00201040", "LO"],
  SliceLocation: ["x00201041", "DS"],
  PlanePositionSequence: ["x00209113", "SQ"],
  PlaneOrientationSequence: ["x00209116", "SQ"],
  SamplesPerPixel: ["x00280002", "US"],
  PhotometricInterpretation: ["x00280004", "CS"],
  NumberOfFrames: ["x00280008", "IS"],
  Rows: ["x00280010", "US"],
  Columns: ["x00280011", "US"],
  PixelSpacing: ["x00280030", "DS"],
  BitsAllocated: ["x00280100", "US"],
  BitsStored: ["x00280101", "US"],
  HighBit: ["x00280102", "US"],
  PixelRepresentation: ["x00280103", "US"],
  // US or SS by PixelRepresentation; read and written as 16 raw bits.
  PixelPaddingValue: ["x00280120", "SS"],
  PixelPaddingRangeLimit: ["x00280121", "SS"],
  BurnedInAnnotation: ["x00280301", "CS"],
  WindowCenter: ["x00281050", "DS"],
  WindowWidth: ["x00281051", "DS"],
  RescaleIntercept: ["x00281052", "DS"],
  RescaleSlope: ["x00281053", "DS"],
  RescaleType: ["x00281054", "LO"],
  LossyImageCompression: ["x00282110", "CS"],
  ModalityLUTSequence: ["x00283000", "SQ"],
  PixelMeasuresSequence: ["x00289110", "SQ"],
  FrameVOILUTSequence: ["x00289132", "SQ"],
  PixelValueTransformationSequence: ["x00289145", "SQ"],
  SharedFunctionalGroupsSequence: ["x52009229", "SQ"],
  PerFrameFunctionalGroupsSequence: ["x52009230", "SQ"],
  ExtendedOffsetTable: ["x7fe00001", "OV"],
  PixelData: ["x7fe00010", "OW"],
} as const;

export type Keyword = keyof typeof ATTRIBUTES;

/** "Rows (0028,0010)" */
export function nameOf(keyword: Keyword): string {
  return `${keyword} (${formatTag(ATTRIBUTES[keyword][0])})`;
}

/** "0028,0010" from dicom-parser's "x00280010". */
export function formatTag(tag: string): string {
  return `${tag.slice(1, 5)},${tag.slice(5)}`.toUpperCase();
}

/** VRs with a 32-bit length in explicit VR files (PS3.5 7.1.2). */
export const LONG_VRS: ReadonlySet<string> = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);

/** The other VRs: a 16-bit length. */
export const SHORT_VRS: ReadonlySet<string> = new Set("AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split(" "));

export const CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2";
export const SECONDARY_CAPTURE_STORAGE = "1.2.840.10008.5.1.4.1.1.7";
/** Many frames in one file, each with its own geometry: acquired so, or made of single slices. */
export const ENHANCED_CT_STORAGE: readonly string[] = ["1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2"];

/** Names for what else turns up in a folder of CTs. Errors say these, never the file's own text, which could be anything. */
export const OTHER_STORAGE: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.3.10": "DICOMDIR",
  "1.2.840.10008.5.1.4.1.1.1": "Computed Radiography",
  "1.2.840.10008.5.1.4.1.1.1.1": "Digital X-Ray",
  "1.2.840.10008.5.1.4.1.1.3.1": "Ultrasound Multi-frame",
  "1.2.840.10008.5.1.4.1.1.4": "MR Image",
  "1.2.840.10008.5.1.4.1.1.6.1": "Ultrasound",
  [SECONDARY_CAPTURE_STORAGE]: "Secondary Capture",
  "1.2.840.10008.5.1.4.1.1.9.1.1": "12-lead ECG",
  "1.2.840.10008.5.1.4.1.1.11.1": "Presentation State",
  "1.2.840.10008.5.1.4.1.1.20": "Nuclear Medicine",
  "1.2.840.10008.5.1.4.1.1.66.4": "Segmentation",
  "1.2.840.10008.5.1.4.1.1.88.11": "Basic Text Report",
  "1.2.840.10008.5.1.4.1.1.88.22": "Enhanced Report",
  "1.2.840.10008.5.1.4.1.1.88.33": "Comprehensive Report",
  "1.2.840.10008.5.1.4.1.1.88.67": "Radiation Dose Report",
  "1.2.840.10008.5.1.4.1.1.104.1": "Encapsulated PDF",
  "1.2.840.10008.5.1.4.1.1.128": "PET Image",
  "1.2.840.10008.5.1.4.1.1.481.2": "RT Dose",
  "1.2.840.10008.5.1.4.1.1.481.3": "RT Structure Set",
  "1.2.840.10008.5.1.4.1.1.481.5": "RT Plan",
};
